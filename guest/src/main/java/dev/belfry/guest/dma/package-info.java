/// DMA addresses: what a driver gives a device for a buffer, and what an MSI message holds instead
/// of the doorbell's physical address.
///
/// A [DmaSpace] is either [IdentitySpace] (no IOMMU, or bypass) or [TranslatedSpace] (a stage 1
/// domain with an [IovaAllocator], strict or lazy).
///
/// Stands on `kernel.smmu`, `kernel.iopgtable`.
@NullMarked
package dev.belfry.guest.dma;

import org.jspecify.annotations.NullMarked;
