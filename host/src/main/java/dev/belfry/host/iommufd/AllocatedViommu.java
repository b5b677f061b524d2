package dev.belfry.host.iommufd;

import java.util.Optional;

/// What `IOMMU_VIOMMU_ALLOC` gives.
///
/// @param id the vIOMMU
/// @param page for a Tegra241 CMDQ-V (`struct iommu_viommu_tegra241_cmdqv`): what to map to reach
///   page 0 of its virtual interface
public record AllocatedViommu(int id, Optional<Page> page) {

    /// Arguments of `mmap(2)`.
    ///
    /// @param offset never 0
    /// @param length bytes
    public record Page(long offset, long length) {}
}
