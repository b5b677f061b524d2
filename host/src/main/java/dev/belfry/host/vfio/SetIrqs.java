package dev.belfry.host.vfio;

import dev.belfry.host.msi.DeviceMsi;
import dev.belfry.host.uapi.Done;
import dev.belfry.host.uapi.Errno;
import dev.belfry.host.uapi.EventFd;
import dev.belfry.host.uapi.Result;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// `VFIO_DEVICE_SET_IRQS`: checks, then what is to be done (`vfio_set_irqs_validate_and_prepare`,
/// `vfio_pci_set_irqs_ioctl`).
final class SetIrqs {

    /// How a device turns its vectors on.
    interface Modes {
        /// How many interrupts an index has.
        int count(IrqIndex index);

        /// Sets vectors aside.
        Result<DeviceMsi> open(IrqIndex index);

        VectorProgrammer programmer(IrqIndex index);

        /// Whether addresses may be given ([MsiDesign.Feature#GIVEN_ADDRESSES]).
        boolean takesAddresses();
    }

    private final VfioInterrupts interrupts;
    private final Intx intx;
    private final Modes modes;
    private final Map<IrqIndex, EventFd> notifications = new EnumMap<>(IrqIndex.class);

    SetIrqs(VfioInterrupts interrupts, Intx intx, Modes modes) {
        this.interrupts = interrupts;
        this.intx = intx;
        this.modes = modes;
    }

    /// @return 0, or how many MSI-X vectors there are when they are fewer than asked for
    Result<Integer> run(IrqSet set) {
        Optional<IrqIndex> known = IrqIndex.of(set.index());
        int most = known.map(modes::count).orElse(0);
        boolean inRange =
                set.start() >= 0
                        && set.count() >= 0
                        && set.start() < most
                        && set.count() <= most - set.start();
        if (known.isEmpty() || !inRange) {
            return Result.err(Errno.EINVAL, "the index has " + most + " interrupts");
        }
        boolean preparing =
                set.action() == IrqSet.Action.PREPARE || set.data() instanceof IrqSet.Data.MsiIovas;
        if (preparing && !modes.takesAddresses()) {
            return Result.err(Errno.EINVAL, "this kernel knows neither PREPARE nor MSI_IOVA");
        }
        return checkData(set)
                .then(d ->
                        switch (known.get()) {
                            case MSI, MSIX -> msi(known.get(), set);
                            case ERR, REQ -> notification(known.get(), set).map(n -> 0);
                            case INTX ->
                                    new SetIntx(intx, interrupts.mode().isPresent())
                                            .run(set)
                                            .map(n -> 0);
                        });
    }

    private static Result<Done> checkData(IrqSet set) {
        boolean fits =
                switch (set.data()) {
                    case IrqSet.Data.None _ -> true;
                    case IrqSet.Data.Bools b -> b.values().size() >= set.count();
                    case IrqSet.Data.EventFds f -> f.fds().size() >= set.count();
                    case IrqSet.Data.MsiIovas m -> m.addresses().size() >= set.count();
                };
        return fits
                ? Result.done()
                : Result.err(Errno.EINVAL, "argsz does not cover data for each interrupt");
    }

    /// `vfio_pci_set_msi_trigger`.
    private Result<Integer> msi(IrqIndex index, IrqSet set) {
        if (set.action() == IrqSet.Action.PREPARE) {
            return prepare(set);
        }
        if (set.action() != IrqSet.Action.TRIGGER) {
            return Result.err(Errno.ENOTTY, "MSI and MSI-X cannot be masked through VFIO");
        }
        boolean on = interrupts.mode().equals(Optional.of(index));
        boolean nothing = set.data() instanceof IrqSet.Data.None;
        if (on && nothing && set.count() == 0) {
            interrupts.disable();
            return Result.ok(0);
        }
        if (!on && (interrupts.mode().isPresent() || intx.enabled())) {
            return Result.err(
                    Errno.EINVAL, interrupts.mode().map(IrqIndex::name).orElse("INTx") + " is on");
        }
        return switch (set.data()) {
            case IrqSet.Data.EventFds f ->
                    connect(index, set.start(), f.fds().subList(0, set.count()), on);
            case IrqSet.Data.Bools b -> fire(set, b.values(), on);
            case IrqSet.Data.None _ -> fire(set, List.of(), on);
            case IrqSet.Data.MsiIovas _ ->
                    Result.err(Errno.EINVAL, "addresses go with PREPARE, not with TRIGGER");
        };
    }

    /// Addresses are kept until the vectors are allocated; no data forgets them.
    private Result<Integer> prepare(IrqSet set) {
        return switch (set.data()) {
            case IrqSet.Data.MsiIovas m -> {
                interrupts.give(set.start(), m.addresses().subList(0, set.count()));
                yield Result.ok(0);
            }
            case IrqSet.Data.None _ -> {
                interrupts.forgetGiven();
                yield Result.ok(0);
            }
            case IrqSet.Data.Bools _, IrqSet.Data.EventFds _ ->
                    Result.err(Errno.EINVAL, "PREPARE takes addresses, or none");
        };
    }

    private Result<Integer> connect(
            IrqIndex index, int start, List<Optional<EventFd>> fds, boolean on) {
        if (on) {
            return interrupts.setBlock(start, fds).map(d -> 0);
        }
        int count = start + fds.size();
        if (count == 0) {
            return Result.err(Errno.ERANGE, "no vectors are asked for");
        }
        Result<Integer> done =
                interrupts
                        .enable(index, count, modes.open(index), modes.programmer(index))
                        .then(n ->
                                n == count
                                        ? interrupts.setBlock(start, fds).map(d -> 0)
                                        : Result.ok(n));
        if (!done.isOk()) {
            interrupts.disable();
        }
        return done;
    }

    private Result<Integer> fire(IrqSet set, List<Boolean> which, boolean on) {
        if (!on) {
            return Result.err(Errno.EINVAL, "the index is not on");
        }
        interrupts.fire(set.start(), set.count(), which);
        return Result.ok(0);
    }

    /// The error and request notifications: one eventfd each.
    private Result<Done> notification(IrqIndex index, IrqSet set) {
        if (set.action() != IrqSet.Action.TRIGGER) {
            return Result.err(Errno.ENOTTY, index + " can only be triggered");
        }
        Optional<EventFd> present = Optional.ofNullable(notifications.get(index));
        return switch (set.data()) {
            case IrqSet.Data.EventFds f -> notify(index, f.fds());
            case IrqSet.Data.Bools b -> {
                if (set.count() == 0) {
                    yield Result.err(Errno.EINVAL, index + " is one interrupt");
                }
                present.filter(fd -> b.values().getFirst()).ifPresent(EventFd::signal);
                yield Result.done();
            }
            case IrqSet.Data.MsiIovas _ -> Result.err(Errno.EINVAL, index + " is no message");
            case IrqSet.Data.None _ -> {
                if (present.isEmpty()) {
                    yield Result.err(Errno.EINVAL, index + " has no eventfd");
                }
                if (set.count() == 0) {
                    notifications.remove(index);
                } else {
                    present.get().signal();
                }
                yield Result.done();
            }
        };
    }

    private Result<Done> notify(IrqIndex index, List<Optional<EventFd>> fds) {
        if (fds.isEmpty()) {
            return Result.err(Errno.EINVAL, index + " is one interrupt");
        }
        Optional<EventFd> fd = fds.getFirst();
        Optional<Errno> refusal = fd.flatMap(EventFd::refusal);
        if (refusal.isPresent()) {
            return Result.err(refusal.get(), "the descriptor is of no eventfd");
        }
        fd.ifPresentOrElse(
                open -> notifications.put(index, open), () -> notifications.remove(index));
        return Result.done();
    }
}
