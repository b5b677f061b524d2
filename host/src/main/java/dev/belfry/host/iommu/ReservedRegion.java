package dev.belfry.host.iommu;

/// A reserved region (`struct iommu_resv_region`).
///
/// @param start first address
/// @param length bytes
/// @param type why it is reserved
public record ReservedRegion(long start, long length, Type type) {

    /// Kinds of region, by the names of sysfs.
    public enum Type {
        DIRECT,
        DIRECT_RELAXABLE,
        RESERVED,
        /// A hardware MSI window that needs no mapping (`IOMMU_RESV_MSI`).
        MSI,
        /// A window in which the kernel maps doorbells (`IOMMU_RESV_SW_MSI`).
        SW_MSI
    }

    /// Last address.
    public long last() {
        return start + length - 1;
    }
}
