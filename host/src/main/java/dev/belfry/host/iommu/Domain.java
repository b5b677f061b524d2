package dev.belfry.host.iommu;

/// A translation that devices can be attached to (`struct iommu_domain`).
public sealed interface Domain permits PagingDomain, NestedDomain, StaticDomain {}
