package dev.belfry.qemu.pci;

import dev.belfry.model.pci.spec.ConfigSpace;
import dev.belfry.model.pci.spec.MsixCapability;

/// Where a function's MSI-X table is.
///
/// @param entries 0 without MSI-X
/// @param address physical address; 0 without MSI-X, when its BAR has no address, or when memory
///   decoding is off
public record MsixTable(int entries, long address) {

    /// As configuration space says.
    public static MsixTable of(ConfigSpace config) {
        int entries = config.msix().map(MsixCapability::vectors).orElse(0);
        boolean decodes = config.command().memorySpaceEnable();
        return new MsixTable(entries, decodes ? config.msixTableAddress().orElse(0) : 0);
    }
}
