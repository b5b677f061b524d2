/// What the kernel's IOMMU core is to its two neighbours: the seam between iommufd above and an
/// IOMMU driver below (`include/linux/iommu.h`).
///
/// A driver implements [Iommu], [IommuDevice] and the [Domain]s; [IommuGroup] is the core's own:
/// devices that cannot be told apart, who owns their DMA, and to what they are attached.
///
/// Stands on `host.uapi` and `model.address`.
@NullMarked
package dev.belfry.host.iommu;

import org.jspecify.annotations.NullMarked;
