package dev.belfry.host.iommu;

/// A domain whose stage 1 is a guest's (`IOMMU_DOMAIN_NESTED`).
public non-sealed interface NestedDomain extends Domain {

    /// The domain that translates stage 2.
    PagingDomain parent();

    /// Frees what the driver keeps. Nothing is attached any more.
    void free();
}
