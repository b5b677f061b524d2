package dev.belfry.host.uapi;

import java.util.Optional;

/// An eventfd: a counter that one side signals and the other side hears of.
///
/// One listener at a time, as an irqfd takes the wake-up entry; while nobody listens, signals add
/// up and are found by [#read].
public final class EventFd {

    private final String name;
    private long counter;
    private Optional<Errno> refusal = Optional.empty();
    private Optional<Runnable> listener = Optional.empty();

    /// @param name for traces: what the VMM uses it for
    public EventFd(String name) {
        this.name = name;
    }

    /// What it is used for.
    public String name() {
        return name;
    }

    /// Adds 1 and wakes the listener.
    public void signal() {
        counter++;
        listener.ifPresent(Runnable::run);
    }

    /// `read(2)`: the count, which becomes 0.
    public long read() {
        long value = counter;
        counter = 0;
        return value;
    }

    /// Whether somebody listens.
    public boolean hasListener() {
        return listener.isPresent();
    }

    /// Takes the wake-up entry; replaces who had it.
    public void listen(Runnable action) {
        listener = Optional.of(action);
    }

    /// Nobody listens any more.
    public void stopListening() {
        listener = Optional.empty();
    }

    /// `close(2)`: system calls that are given it fail with `EBADF` from now on.
    public void close() {
        refusal = Optional.of(Errno.EBADF);
        stopListening();
    }

    /// What a descriptor is that is of no eventfd.
    ///
    /// @param errno what system calls that are given it fail with
    public static EventFd refusedWith(Errno errno) {
        EventFd none = new EventFd("no eventfd");
        none.refusal = Optional.of(errno);
        return none;
    }

    /// Whether system calls refuse it.
    public boolean isClosed() {
        return refusal.isPresent();
    }

    /// What system calls that are given it fail with: `EBADF` when it was closed.
    public Optional<Errno> refusal() {
        return refusal;
    }

    @Override
    public String toString() {
        return name;
    }
}
