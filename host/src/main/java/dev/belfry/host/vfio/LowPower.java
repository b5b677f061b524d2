package dev.belfry.host.vfio;

import dev.belfry.host.uapi.Done;
import dev.belfry.host.uapi.Errno;
import dev.belfry.host.uapi.EventFd;
import dev.belfry.host.uapi.Result;
import dev.belfry.host.vfio.VfioDevice.FeatureData;
import java.util.Optional;

/// `VFIO_DEVICE_FEATURE` of a PCI device: low power. Dma-bufs (6.19) are there, as distributions
/// configure kernels, but no range of a BAR can be exported. The others that there are numbers for
/// are not there: migration and DMA logging are for drivers that have them, the token for physical
/// functions with SR-IOV, bus mastering for CDX.
///
/// A device in low power is resumed by each access; one that was sent there with an eventfd stays
/// awake then, and the eventfd says so.
final class LowPower {

    // VFIO_DEVICE_FEATURE_*
    static final int MASK = 0xffff;
    static final int GET = 1 << 16;
    static final int SET = 1 << 17;
    static final int PROBE = 1 << 18;

    private static final int ENTRY = 3;
    private static final int ENTRY_WITH_WAKEUP = 4;
    private static final int EXIT = 5;
    private static final int DMA_BUF = 11;

    /// Bytes of `struct vfio_device_low_power_entry_with_wakeup`.
    private static final int WAKEUP_BYTES = 8;

    private final boolean dmaBufs;
    private boolean engaged;
    private Optional<EventFd> wakeup = Optional.empty();

    /// @param dmaBufs the kernel exports BARs
    LowPower(boolean dmaBufs) {
        this.dmaBufs = dmaBufs;
    }

    /// `vfio_ioctl_device_feature`.
    Result<Done> feature(int flags, FeatureData data) {
        boolean unknown = (flags & ~(MASK | GET | SET | PROBE)) != 0;
        boolean both = (flags & GET) != 0 && (flags & SET) != 0;
        if (unknown || (both && (flags & PROBE) == 0)) {
            return Result.err(Errno.EINVAL, "flags that do not exist or do not go together");
        }
        return switch (flags & MASK) {
            case ENTRY -> set(flags, data, 0, Optional.empty());
            case ENTRY_WITH_WAKEUP -> set(flags, data, WAKEUP_BYTES, data.eventfd());
            case EXIT -> check(flags, data, 0).map(this::exitIf);
            case DMA_BUF -> dmaBuf(flags);
            default -> Result.err(Errno.ENOTTY, "feature " + (flags & MASK) + " is not there");
        };
    }

    /// `vfio_check_feature` of what can only be set.
    ///
    /// @return whether to set it; a probe has its answer
    private static Result<Boolean> check(int flags, FeatureData data, int least) {
        if ((flags & GET) != 0) {
            return Result.err(Errno.EINVAL, "the feature can be set only");
        }
        if ((flags & PROBE) != 0) {
            return Result.ok(false);
        }
        return (flags & SET) == 0 || data.length() < least
                ? Result.err(Errno.EINVAL, "neither GET, SET nor PROBE, or too little data")
                : Result.ok(true);
    }

    /// `vfio_pci_core_feature_dma_buf`: it can be got only, and never is.
    private Result<Done> dmaBuf(int flags) {
        if (!dmaBufs) {
            return Result.err(Errno.ENOTTY, "feature " + DMA_BUF + " is not there");
        }
        return (flags & SET) == 0 && (flags & PROBE) != 0
                ? Result.done()
                : Result.err(Errno.EINVAL, "no range of a BAR can be exported");
    }

    private Result<Done> set(int flags, FeatureData data, int least, Optional<EventFd> fd) {
        return check(flags, data, least)
                .then(asked -> asked ? enter(least > 0, fd) : Result.done());
    }

    private Result<Done> enter(boolean withWakeup, Optional<EventFd> fd) {
        if (withWakeup && fd.isEmpty()) {
            return Result.err(Errno.EINVAL, "no eventfd to wake by");
        }
        Optional<Errno> refusal = fd.flatMap(EventFd::refusal);
        if (refusal.isPresent()) {
            return Result.err(refusal.get(), "the descriptor is of no eventfd");
        }
        if (engaged) {
            return Result.err(Errno.EINVAL, "the device is in low power already");
        }
        engaged = true;
        wakeup = fd;
        return Result.done();
    }

    private Done exitIf(boolean asked) {
        if (asked) {
            exit();
        }
        return Done.DONE;
    }

    /// `vfio_pci_runtime_pm_exit`; nothing happens to a device that is awake.
    void exit() {
        engaged = false;
        wakeup = Optional.empty();
    }

    /// The host resumes the device for an access.
    void wake() {
        if (wakeup.isPresent()) {
            EventFd fd = wakeup.get();
            exit();
            fd.signal();
        }
    }
}
