package dev.belfry.vmm.iommu;

import dev.belfry.host.iommu.ViommuBackend;
import dev.belfry.host.iommufd.HwptAlloc;
import dev.belfry.host.iommufd.HwptData;
import dev.belfry.host.iommufd.Iommufd;
import dev.belfry.host.iommufd.Veventq;
import dev.belfry.host.uapi.Result;
import java.util.List;

/// What the host keeps for one vSMMU, from the first device that is bound to it until the last one
/// leaves: the vIOMMU, and the HWPTs of the two policies that need no stage 1.
///
/// Order of calls and of their undoing: facts of QEMU's hw/arm/smmuv3-accel.c; iommufd lets an
/// object go only when nothing uses it.
final class HostObjects {

    private static final int COMMAND_BYTES = 16;

    /// STE words of the two policies that need no stage 1: V = 1, Config = abort or bypass.
    private static final long STE_ABORT = 0x1;

    private static final long STE_BYPASS = 0x9;

    private final Iommufd iommufd;
    private final Discards discards;
    private final ViommuOps ops;
    private final int viommu;
    private final int abort;
    private final int bypass;

    private HostObjects(HostIommuDevice first, ViommuOps ops, int viommu, int abort, int bypass) {
        this.iommufd = first.iommufd();
        this.discards = first.discards();
        this.ops = ops;
        this.viommu = viommu;
        this.abort = abort;
        this.bypass = bypass;
    }

    /// Allocates them for the first device; what was made is undone when a call fails.
    ///
    /// @param ops how the vIOMMU is made
    static Result<HostObjects> allocate(HostIommuDevice first, ViommuOps ops) {
        return ops.allocate(first)
                .then(viommu -> {
                    Result<HostObjects> made = allocateHwpts(first, ops, viommu);
                    if (!made.isOk()) {
                        ops.release();
                    }
                    return undoing(first, "a vIOMMU", viommu, made);
                });
    }

    private static Result<HostObjects> allocateHwpts(
            HostIommuDevice first, ViommuOps ops, int viommu) {
        Iommufd fd = first.iommufd();
        return fd.hwptAlloc(nested(first.devId(), viommu, STE_ABORT, 0))
                .then(abort ->
                        undoing(
                                first,
                                "an abort HWPT",
                                abort,
                                fd.hwptAlloc(nested(first.devId(), viommu, STE_BYPASS, 0))
                                        .map(b -> new HostObjects(first, ops, viommu, abort, b))));
    }

    private static <T> Result<T> undoing(
            HostIommuDevice device, String what, int made, Result<T> next) {
        if (!next.isOk()) {
            device.discards().discard(what, made);
        }
        return next;
    }

    private static HwptAlloc nested(int devId, int viommu, long ste0, long ste1) {
        return new HwptAlloc(0, devId, viommu, HwptData.armSmmuV3(ste0, ste1), 0);
    }

    int viommu() {
        return viommu;
    }

    int abort() {
        return abort;
    }

    int bypass() {
        return bypass;
    }

    /// A nested HWPT for one device's stage 1.
    Result<Integer> translate(HostIommuDevice device, long ste0, long ste1) {
        return iommufd.hwptAlloc(nested(device.devId(), viommu, ste0, ste1));
    }

    /// A device's place in the vIOMMU.
    Result<Integer> vdevice(HostIommuDevice device, int streamId) {
        return iommufd.vdeviceAlloc(viommu, device.devId(), Integer.toUnsignedLong(streamId));
    }

    ViommuBackend.Invalidated invalidate(List<long[]> commands) {
        return iommufd.hwptInvalidate(viommu, ViommuOps.ARM_SMMUV3, COMMAND_BYTES, commands);
    }

    Result<Veventq> events(int log2Size) {
        return iommufd.veventqAlloc(0, viommu, ViommuOps.ARM_SMMUV3, 1 << log2Size);
    }

    /// Gives all of it back: nothing uses it any more.
    void free(String name) {
        discards.discard("the bypass HWPT of " + name, bypass);
        discards.discard("the abort HWPT of " + name, abort);
        ops.release();
        discards.discard("the vIOMMU of " + name, viommu);
    }

    /// Where its objects go.
    Discards discards() {
        return discards;
    }
}
