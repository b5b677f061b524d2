package dev.belfry.kernel.iopgtable;

/// What a mapping allows and what memory lies behind it.
///
/// @param read reads pass
/// @param write writes pass
/// @param cacheable coherent Normal write-back memory (`IOMMU_CACHE`)
/// @param device Device memory: a doorbell (`IOMMU_MMIO`)
/// @param executable instruction fetches pass
/// @param privileged only privileged accesses pass (`IOMMU_PRIV`), stage 1 only
public record Protection(
        boolean read,
        boolean write,
        boolean cacheable,
        boolean device,
        boolean executable,
        boolean privileged) {

    /// Coherent DMA memory, both directions, as Linux's DMA API maps it: nothing says NOEXEC.
    public static final Protection DMA = new Protection(true, true, true, false, true, false);

    /// Coherent DMA memory that a device only reads.
    public static final Protection DMA_TO_DEVICE =
            new Protection(true, false, true, false, true, false);

    /// Coherent DMA memory that a device only writes.
    public static final Protection DMA_FROM_DEVICE =
            new Protection(false, true, true, false, true, false);

    /// An MSI doorbell: `IOMMU_WRITE | IOMMU_NOEXEC | IOMMU_MMIO`.
    public static final Protection DOORBELL =
            new Protection(false, true, false, true, false, false);

    /// The same for memory that is not coherent with the CPU's caches.
    public Protection nonCoherent() {
        return new Protection(read, write, false, device, executable, privileged);
    }
}
