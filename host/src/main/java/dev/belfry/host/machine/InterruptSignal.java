package dev.belfry.host.machine;

import java.util.Optional;

/// The wire from the GIC to the CPUs: raised while a transaction runs, seen by the kernel when it
/// is done.
final class InterruptSignal {

    private Optional<Runnable> handler = Optional.empty();
    private boolean raised;

    void connect(Runnable to) {
        handler = Optional.of(to);
    }

    void raise() {
        raised = true;
    }

    /// A transaction is done: the kernel takes what is pending.
    void deliver() {
        if (raised) {
            raised = false;
            handler.ifPresent(Runnable::run);
        }
    }
}
