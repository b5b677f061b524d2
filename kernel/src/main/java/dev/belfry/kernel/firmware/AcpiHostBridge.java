package dev.belfry.kernel.firmware;

import java.util.List;
import java.util.OptionalLong;

/// A PCI host bridge of the ACPI namespace.
///
/// @param path such as `\_SB_.PCI0`
/// @param segment `_SEG`, 0 without
/// @param bus `_BBN`, 0 without
/// @param coherent `_CCA`
/// @param configBase `_CBA`: configuration space of bus 0 of the segment
/// @param resources `_CRS`
/// @param bootConfig what `_DSM` function 5 returns, when it returns an integer: 0 asks that the
///   boot configuration be preserved
public record AcpiHostBridge(
        String path,
        int segment,
        int bus,
        boolean coherent,
        OptionalLong configBase,
        List<AcpiAddressSpace> resources,
        OptionalLong bootConfig) {

    public AcpiHostBridge {
        resources = List.copyOf(resources);
    }

    /// Whether Linux sets `preserve_config` (`pci_acpi_preserve_config`).
    public boolean preservesBootConfig() {
        return bootConfig.isPresent() && bootConfig.getAsLong() == 0;
    }
}
