package dev.belfry.host.vfio;

import dev.belfry.host.msi.DeviceMsi;
import dev.belfry.host.msi.InterruptTable;
import dev.belfry.host.uapi.Done;
import dev.belfry.host.uapi.Errno;
import dev.belfry.host.uapi.EventFd;
import dev.belfry.host.uapi.Result;
import dev.belfry.model.address.Iova;
import dev.belfry.model.journey.HopKind;
import dev.belfry.model.journey.Observation;
import dev.belfry.model.journey.Probe;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// MSI and MSI-X of one device (`vfio_pci_intrs.c`): at most one of them is on.
final class VfioInterrupts {

    /// The device's vectors and what they need.
    ///
    /// @param name PCI address
    /// @param irqs where handlers are registered
    /// @param dynamicMsix vectors can be added while MSI-X is on
    /// @param probe told when an eventfd is signalled
    record Context(String name, InterruptTable irqs, boolean dynamicMsix, Probe probe) {}

    /// A mode that is on.
    ///
    /// @param index MSI or MSI-X
    /// @param msi the vectors
    /// @param programmer writes messages
    private record Active(IrqIndex index, DeviceMsi msi, VectorProgrammer programmer) {}

    private final Context context;
    private final Map<Integer, EventFd> triggers = new TreeMap<>();
    private final Map<Integer, Iova> given = new TreeMap<>();
    private Optional<Active> active = Optional.empty();

    VfioInterrupts(Context context) {
        this.context = context;
    }

    /// Which mode is on.
    Optional<IrqIndex> mode() {
        return active.map(Active::index);
    }

    /// The vectors of the mode that is on.
    Optional<DeviceMsi> msi() {
        return active.map(Active::msi);
    }

    /// The eventfd that a vector signals.
    Optional<EventFd> trigger(int vector) {
        return Optional.ofNullable(triggers.get(vector));
    }

    /// Keeps addresses for vectors from `start` on: for their next allocation, or their next
    /// connection, as the design has it.
    void give(int start, List<Iova> addresses) {
        for (int i = 0; i < addresses.size(); i++) {
            given.put(start + i, addresses.get(i));
        }
    }

    /// Forgets all addresses.
    void forgetGiven() {
        given.clear();
    }

    private Optional<Iova> given(int vector) {
        return Optional.ofNullable(given.get(vector));
    }

    /// A vector goes to another CPU, and its message is composed and written again
    /// (`msi_domain_set_affinity` of a parent that does not answer `IRQ_SET_MASK_OK_DONE`).
    ///
    /// @return whether there is such a vector
    boolean setAffinity(int vector, int cpu) {
        Optional<Active> on = active.filter(a -> a.msi.vector(vector).isPresent());
        on.flatMap(a -> a.msi.setAffinity(vector, cpu))
                .ifPresent(v -> on.get().programmer.program(vector, v.message()));
        return on.isPresent();
    }

    /// The device's table is written again from the cached messages (`pci_restore_msi_state`).
    void restore() {
        active.ifPresent(a ->
                a.msi.vectors().values().stream()
                        .forEach(v -> {
                            a.programmer.program(v.index(), v.message());
                            if (triggers.containsKey(v.index())) {
                                a.programmer.unmask(v.index());
                            }
                        }));
    }

    /// Turns a mode on with `count` vectors (`vfio_msi_enable`).
    ///
    /// @return `count`, or a smaller number when there are only so many, and then nothing is on;
    ///   `ENOSPC` when the ITS has no room at all, or the doorbell cannot be mapped
    Result<Integer> enable(
            IrqIndex index, int count, Result<DeviceMsi> opened, VectorProgrammer programmer) {
        if (!(opened instanceof Result.Ok<DeviceMsi>(DeviceMsi msi))) {
            return opened.map(m -> 0);
        }
        programmer.enable(count);
        Result<Integer> made = allocate(index, count, msi);
        if (!made.equals(Result.ok(count))) {
            msi.close();
            programmer.disable();
            return made;
        }
        for (int v = 0; v < count; v++) {
            programmer.program(v, msi.vector(v).orElseThrow().message());
        }
        programmer.start();
        active = Optional.of(new Active(index, msi, programmer));
        return made;
    }

    /// The PCI core tries again with as many as it got, or with one MSI. It tells of none at all in
    /// one way, whatever the reason (`msi_handle_pci_fail`).
    private Result<Integer> allocate(IrqIndex index, int count, DeviceMsi msi) {
        int wanted = count;
        while (true) {
            Result<DeviceMsi.Vector> failed = null;
            int got = 0;
            while (got < wanted && failed == null) {
                Result<DeviceMsi.Vector> vector = msi.allocate(got, given(got));
                if (vector.isOk()) {
                    got++;
                } else {
                    failed = vector;
                }
            }
            if (failed == null) {
                return Result.ok(got);
            }
            msi.free();
            int fewer = index == IrqIndex.MSI && wanted > 1 ? 1 : got;
            if (fewer == 0) {
                return noSpace(failed);
            }
            wanted = fewer;
        }
    }

    private static Result<Integer> noSpace(Result<DeviceMsi.Vector> failed) {
        return failed instanceof Result.Err<DeviceMsi.Vector>(Errno errno, String why)
                ? Result.err(Errno.ENOSPC, errno == Errno.ENOSPC ? why : errno + ": " + why)
                : Result.ok(0);
    }

    /// Turns the mode off and frees all vectors.
    void disable() {
        active.ifPresent(a -> {
            List.copyOf(triggers.keySet()).forEach(v -> disconnect(a, v));
            a.programmer.disable();
            a.msi.close();
        });
        active = Optional.empty();
    }

    /// Connects eventfds from `start` on (`vfio_msi_set_block`); when one fails, those before it in
    /// the block are disconnected.
    Result<Done> setBlock(int start, List<Optional<EventFd>> fds) {
        Active a = active.orElseThrow();
        for (int i = 0; i < fds.size(); i++) {
            Result<Done> done = setTrigger(a, start + i, fds.get(i));
            if (!done.isOk()) {
                for (int j = 0; j < i; j++) {
                    disconnect(a, start + j);
                }
                return done;
            }
        }
        return Result.done();
    }

    /// `vfio_msi_set_vector_signal`.
    private Result<Done> setTrigger(Active a, int vector, Optional<EventFd> fd) {
        disconnect(a, vector);
        if (fd.isEmpty()) {
            return Result.done();
        }
        Optional<DeviceMsi.Vector> present = a.msi.vector(vector);
        boolean grows = a.index == IrqIndex.MSIX && context.dynamicMsix;
        if (present.isEmpty() && !grows) {
            return Result.err(Errno.EINVAL, "vectors cannot be added while " + a.index + " is on");
        }
        Optional<Errno> refusal = fd.get().refusal();
        if (refusal.isPresent()) {
            return Result.err(refusal.get(), "the descriptor is of no eventfd");
        }
        Result<DeviceMsi.Vector> allocated =
                present.isPresent()
                        ? Result.ok(present.get())
                        : a.msi.allocate(vector, given(vector));
        if (!(allocated instanceof Result.Ok<DeviceMsi.Vector>(DeviceMsi.Vector v))) {
            return allocated.map(x -> Done.DONE);
        }
        // The table may have been wiped behind the kernel's back: the cached message is written.
        // That code knows MSI-X alone.
        if (a.index == IrqIndex.MSIX) {
            a.programmer.program(vector, a.msi.messageAtSignal(v, given(vector)));
        }
        triggers.put(vector, fd.get());
        context.irqs.request(v.lpi(), () -> handle(vector));
        a.msi.unmask(v);
        a.programmer.unmask(vector);
        return Result.done();
    }

    private void disconnect(Active a, int vector) {
        if (triggers.remove(vector) != null) {
            DeviceMsi.Vector v = a.msi.vector(vector).orElseThrow();
            a.programmer.mask(vector);
            a.msi.mask(v);
            context.irqs.free(v.lpi());
        }
    }

    /// The interrupt handler.
    private void handle(int vector) {
        EventFd fd = triggers.get(vector);
        if (fd == null) {
            return;
        }
        if (context.probe.on()) {
            Observation.Builder seen =
                    Observation.of(HopKind.EVENTFD)
                            .field("device", context.name)
                            .field("vector", vector)
                            .field("eventfd", fd.name());
            context.probe.observe(
                    fd.hasListener()
                            ? seen.ok("VFIO's handler signals the eventfd of the vector")
                            : seen.broken("VFIO signals the eventfd, but no irqfd listens to it"));
        }
        fd.signal();
    }

    /// Loopback: signals the eventfds of a range as if the device had.
    void fire(int start, int count, List<Boolean> which) {
        for (int i = 0; i < count; i++) {
            if (which.isEmpty() || which.get(i)) {
                trigger(start + i).ifPresent(EventFd::signal);
            }
        }
    }
}
