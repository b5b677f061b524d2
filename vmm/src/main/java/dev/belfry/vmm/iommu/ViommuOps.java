package dev.belfry.vmm.iommu;

import dev.belfry.host.uapi.Result;

/// How the vIOMMU of an accelerated SMMU is made and given back: plainly, or with queues of its own
/// (QEMU's `SMMUv3AccelCmdqvOps`).
public interface ViommuOps {

    /// `IOMMU_VIOMMU_TYPE_ARM_SMMUV3`, also of its event queue and of its invalidation data.
    int ARM_SMMUV3 = 1;

    /// A vIOMMU of type 1 and nothing else.
    ViommuOps PLAIN =
            new ViommuOps() {
                @Override
                public Result<Integer> allocate(HostIommuDevice first) {
                    return first.iommufd()
                            .viommuAlloc(0, ARM_SMMUV3, first.devId(), first.parentHwpt());
                }

                @Override
                public void release() {}
            };

    /// Allocates it for the first device, with what belongs to it; a failure leaves nothing behind.
    ///
    /// @return the vIOMMU's id
    Result<Integer> allocate(HostIommuDevice first);

    /// Whether the device that it was made for must stay as long as the machine runs.
    default boolean keepsFirstDevice() {
        return false;
    }

    /// Gives back what uses the vIOMMU. The vIOMMU itself goes next, by its owner.
    void release();
}
