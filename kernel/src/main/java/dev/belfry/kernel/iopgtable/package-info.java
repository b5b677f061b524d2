/// VMSAv8-64 translation tables as an operating system builds them for an SMMU: stage 1 and stage
/// 2, 4, 16 and 64 KiB granules, blocks where alignment allows.
///
/// [IoPageTable] maps, unmaps and looks up; [Geometry] is the arithmetic of levels (Arm ARM D8.2);
/// [Attributes] the low and high attributes of a leaf as Linux chooses them for a [Protection].
/// Unmapping tells a [Flush] what the TLB may still hold.
///
/// Specifications: Arm ARM D8.2, D8.3 (descriptor formats), IHI 0070 5.2 and 5.4 for T0SZ, SL0 and
/// TG.
@NullMarked
package dev.belfry.kernel.iopgtable;

import org.jspecify.annotations.NullMarked;
