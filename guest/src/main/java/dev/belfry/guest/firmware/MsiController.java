package dev.belfry.guest.firmware;

/// Who turns a write into an interrupt.
public sealed interface MsiController {

    /// Physical address of its (first) register frame.
    long base();

    /// A GICv3 ITS: 128 KiB, control frame, then translation frame.
    ///
    /// @param id MADT's GIC ITS ID; in a device tree the position among the ITSs
    record Its(int id, long base) implements MsiController {}

    /// A GICv2m frame.
    ///
    /// @param id MADT's MSI frame id; in a device tree the position among the frames
    /// @param spiBase first INTID, when firmware overrides MSI_TYPER; else 0
    /// @param spiCount how many INTIDs, when firmware overrides MSI_TYPER; else 0
    record V2m(int id, long base, int spiBase, int spiCount) implements MsiController {}
}
