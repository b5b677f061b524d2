package dev.belfry.host.vfio;

import dev.belfry.host.uapi.Done;
import dev.belfry.host.uapi.Errno;
import dev.belfry.host.uapi.EventFd;
import dev.belfry.host.uapi.Result;
import java.util.Optional;

/// `VFIO_DEVICE_SET_IRQS` of INTx, after the checks that all indices share.
///
/// @param intx the pin
/// @param messages whether MSI or MSI-X is on
record SetIntx(Intx intx, boolean messages) {

    Result<Done> run(IrqSet set) {
        return switch (set.action()) {
            case MASK -> mask(set);
            case UNMASK -> unmask(set);
            case TRIGGER -> trigger(set);
            case PREPARE -> Result.err(Errno.ENOTTY, "INTx takes no addresses");
        };
    }

    private static boolean one(IrqSet set) {
        return set.start() == 0 && set.count() == 1;
    }

    private static Result<Done> invalid() {
        return Result.err(Errno.EINVAL, "INTx is not on, or not one interrupt is meant");
    }

    private Result<Done> mask(IrqSet set) {
        if (!intx.enabled() || !one(set)) {
            return invalid();
        }
        return switch (set.data()) {
            case IrqSet.Data.None _ -> act(true, intx::mask);
            case IrqSet.Data.Bools b -> act(b.values().getFirst(), intx::mask);
            case IrqSet.Data.EventFds _ -> Result.err(Errno.ENOTTY, "no eventfd masks INTx");
            case IrqSet.Data.MsiIovas _ -> invalid();
        };
    }

    private Result<Done> unmask(IrqSet set) {
        if (!intx.enabled() || !one(set)) {
            return invalid();
        }
        return switch (set.data()) {
            case IrqSet.Data.None _ -> act(true, intx::unmask);
            case IrqSet.Data.Bools b -> act(b.values().getFirst(), intx::unmask);
            case IrqSet.Data.EventFds f -> unmaskBy(f.fds().getFirst());
            case IrqSet.Data.MsiIovas _ -> invalid();
        };
    }

    private Result<Done> unmaskBy(Optional<EventFd> fd) {
        if (fd.isEmpty()) {
            return act(true, intx::stopUnmasking);
        }
        return open(fd).then(d -> intx.unmaskBy(fd.get()));
    }

    private Result<Done> trigger(IrqSet set) {
        boolean nothing = set.data() instanceof IrqSet.Data.None;
        if (intx.enabled() && nothing && set.count() == 0) {
            return act(true, intx::disable);
        }
        if (messages || !one(set)) {
            return Result.err(
                    Errno.EINVAL,
                    messages ? "MSI or MSI-X is on" : "INTx is one interrupt, number 0");
        }
        if (set.data() instanceof IrqSet.Data.EventFds f) {
            Optional<EventFd> fd = f.fds().getFirst();
            return open(fd).then(d -> intx.enabled() ? intx.setTrigger(fd) : intx.enable(fd));
        }
        if (!intx.enabled()) {
            return invalid();
        }
        return switch (set.data()) {
            case IrqSet.Data.Bools b -> act(b.values().getFirst(), intx::signal);
            case IrqSet.Data.None _ -> act(true, intx::signal);
            case IrqSet.Data.EventFds _, IrqSet.Data.MsiIovas _ -> invalid();
        };
    }

    private static Result<Done> open(Optional<EventFd> fd) {
        return fd.flatMap(EventFd::refusal)
                .<Result<Done>>map(e -> Result.err(e, "the descriptor is of no eventfd"))
                .orElse(Result.done());
    }

    private static Result<Done> act(boolean meant, Runnable action) {
        if (meant) {
            action.run();
        }
        return Result.done();
    }
}
