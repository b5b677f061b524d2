package dev.belfry.host.iommu;

/// A domain that needs no tables.
public enum StaticDomain implements Domain {
    /// `IOMMU_DOMAIN_BLOCKED`: all DMA is terminated.
    BLOCKED,
    /// `IOMMU_DOMAIN_IDENTITY`: DMA passes untranslated.
    IDENTITY
}
