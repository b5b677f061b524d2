package dev.belfry.guest;

/// What an IOMMU group's devices are attached to.
public enum DomainKind {
    /// No IOMMU sees their transactions.
    NONE,
    /// Bypass: addresses are physical.
    IDENTITY,
    /// Translated, unmapping invalidates at once.
    DMA_STRICT,
    /// Translated, unmapping invalidates later.
    DMA_LAZY
}
