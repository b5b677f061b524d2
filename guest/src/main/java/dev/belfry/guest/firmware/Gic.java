package dev.belfry.guest.firmware;

import java.util.List;

/// The interrupt controller.
///
/// @param version 2 or 3 (4 counts as 3)
/// @param distributorBase GICD, or the GICv2 distributor
/// @param redistributors GICR regions; empty for GICv2
/// @param cpuInterfaceBase GICC of a GICv2; 0 for GICv3
public record Gic(
        int version, long distributorBase, List<Range> redistributors, long cpuInterfaceBase) {

    public Gic {
        redistributors = List.copyOf(redistributors);
    }

    /// A range of physical addresses.
    ///
    /// @param base first address
    /// @param size in bytes
    public record Range(long base, long size) {}
}
