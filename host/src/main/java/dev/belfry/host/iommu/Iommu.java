package dev.belfry.host.iommu;

import dev.belfry.host.uapi.Result;
import dev.belfry.model.journey.Bytes;
import java.util.Optional;

/// One IOMMU instance and its driver (`struct iommu_device`, `struct iommu_ops`).
public interface Iommu {

    /// Its name, as the host's messages call it.
    String name();

    /// Raw hardware information (`IOMMU_GET_HW_INFO`).
    HwInfo hwInfo();

    /// Makes a paging domain for `device`.
    ///
    /// @return `EOPNOTSUPP` for what this instance cannot do
    Result<PagingDomain> allocPaging(IommuDevice device, Use use);

    /// What a paging domain is for (`IOMMU_HWPT_ALLOC_*`).
    ///
    /// @param nestParent it will be the stage 2 of nested domains
    /// @param dirtyTracking what devices write is noted
    /// @param pasid it may be attached to a PASID
    record Use(boolean nestParent, boolean dirtyTracking, boolean pasid) {

        /// DMA of whole devices.
        public static final Use PLAIN = new Use(false, false, false);
    }

    /// Whether it can note what devices write (`IOMMU_CAP_DIRTY_TRACKING`).
    boolean tracksDirty();

    /// Whether a vIOMMU of `type` can be made for `device`: the driver gives it a size other than
    /// 0.
    boolean supportsViommu(IommuDevice device, int type);

    /// Makes the driver's half of a vIOMMU.
    ///
    /// @param parent a nest parent, of this or another instance
    /// @param data the driver's part, of `data_len` bytes
    /// @return `EINVAL` when `parent` belongs to another instance, or `data` is not what the type
    ///   needs; `ENOSPC` when the hardware has no more
    Result<ViommuBackend> allocViommu(
            IommuDevice device, PagingDomain parent, int type, Bytes data);

    /// What a CMDQ-V beside it says; empty when it has none.
    default Optional<CmdqvInfo> cmdqvInfo() {
        return Optional.empty();
    }
}
