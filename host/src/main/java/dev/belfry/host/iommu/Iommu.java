package dev.belfry.host.iommu;

import dev.belfry.host.uapi.Result;

/// One IOMMU instance and its driver (`struct iommu_device`, `struct iommu_ops`).
public interface Iommu {

    /// Its name, as the host's messages call it.
    String name();

    /// Raw hardware information (`IOMMU_GET_HW_INFO`).
    HwInfo hwInfo();

    /// Makes a paging domain for `device`.
    ///
    /// @param nestParent it will be the stage 2 of nested domains
    /// @param dirtyTracking `IOMMU_HWPT_ALLOC_DIRTY_TRACKING`
    /// @return `EOPNOTSUPP` for what this instance cannot do
    Result<PagingDomain> allocPaging(IommuDevice device, boolean nestParent, boolean dirtyTracking);

    /// Whether a vIOMMU of `type` can be made for `device`: the driver gives it a size other than
    /// 0.
    boolean supportsViommu(IommuDevice device, int type);

    /// Makes the driver's half of a vIOMMU.
    ///
    /// @param parent a nest parent, of this or another instance
    /// @return `EINVAL` when `parent` belongs to another instance
    Result<ViommuBackend> allocViommu(IommuDevice device, PagingDomain parent, int type);
}
