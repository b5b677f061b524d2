package dev.belfry.host.iommufd;

import dev.belfry.host.iommu.IommuDevice;
import dev.belfry.host.iommu.ReservedRegion;
import dev.belfry.host.uapi.Errno;
import dev.belfry.host.uapi.Result;
import dev.belfry.model.bits.Hex;
import java.util.ArrayList;
import java.util.List;

/// The window for doorbells of one device: the driver's, or what the VMM chose by the unmerged
/// options `SW_MSI_START` and `SW_MSI_SIZE`.
///
/// @param chosen whether the VMM chose it
/// @param start first address
/// @param mebibytes its size; 0 when there is none
record SwMsiWindow(boolean chosen, long start, long mebibytes) {

    private static final int MIB_SHIFT = 20;

    /// What the driver reports.
    static SwMsiWindow of(IommuDevice device) {
        return device.reservedRegions().stream()
                .filter(r -> r.type() == ReservedRegion.Type.SW_MSI)
                .findFirst()
                .map(r -> new SwMsiWindow(false, r.start(), r.length() >>> MIB_SHIFT))
                .orElse(new SwMsiWindow(false, 0, 0));
    }

    /// @return `EINVAL` unless `value` is a multiple of 1 MiB, `EOVERFLOW` when the end is too high
    Result<SwMsiWindow> withStart(long value) {
        return (value & (1L << MIB_SHIFT) - 1) != 0
                ? Result.err(Errno.EINVAL, "SW_MSI_START is a multiple of 1 MiB")
                : fits(new SwMsiWindow(true, value, Math.max(mebibytes, 1)));
    }

    /// @param value in MiB; 0 takes the driver's default, which is 1
    Result<SwMsiWindow> withSize(long value) {
        return chosen
                ? fits(new SwMsiWindow(true, start, value == 0 ? 1 : value))
                : Result.err(Errno.EINVAL, "SW_MSI_START comes first");
    }

    private static Result<SwMsiWindow> fits(SwMsiWindow w) {
        long most = -1L >>> MIB_SHIFT;
        boolean wraps =
                Long.compareUnsigned(w.mebibytes, most) > 0
                        || Long.compareUnsigned(w.last(), w.start) < 0;
        return wraps
                ? Result.err(Errno.EOVERFLOW, "the window ends beyond the last address")
                : Result.ok(w);
    }

    private long last() {
        return start + (mebibytes << MIB_SHIFT) - 1;
    }

    /// Whether no other region of the device is in its way.
    Result<SwMsiWindow> apart(IommuDevice device) {
        for (ReservedRegion r : device.reservedRegions()) {
            boolean meets =
                    r.type() != ReservedRegion.Type.SW_MSI
                            && Long.compareUnsigned(r.start(), last()) <= 0
                            && Long.compareUnsigned(start, r.last()) <= 0;
            if (meets) {
                return Result.err(
                        Errno.EADDRINUSE, "a reserved region begins at " + Hex.of(r.start()));
            }
        }
        return Result.ok(this);
    }

    /// The device's reserved regions with this window for the driver's.
    List<ReservedRegion> regions(IommuDevice device) {
        if (!chosen) {
            return device.reservedRegions();
        }
        List<ReservedRegion> out = new ArrayList<>();
        for (ReservedRegion r : device.reservedRegions()) {
            if (r.type() != ReservedRegion.Type.SW_MSI) {
                out.add(r);
            }
        }
        out.add(new ReservedRegion(start, mebibytes << MIB_SHIFT, ReservedRegion.Type.SW_MSI));
        return out;
    }
}
