package dev.belfry.vmm.vfio;

import dev.belfry.host.iommufd.Iommufd;
import dev.belfry.vmm.iommu.Discards;

/// An open `-object iommufd`.
///
/// @param iommufd the file
/// @param discards where its objects go
public record OpenIommufd(Iommufd iommufd, Discards discards) {}
