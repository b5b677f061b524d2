package dev.belfry.vmm.machine;

/// Odds and ends of the board that firmware tells the guest.
///
/// @param secure whether CPUs have EL3 and a secure world
/// @param serials how many `-serial` were given
/// @param randomness whether the device tree carries random seeds
/// @param its whether it was not asked to do without an ITS
/// @param spcr whether the serial console is in a table of its own
/// @param errors whether the guest is told of memory errors (`ras=on`)
/// @param cxl whether CXL host bridges are allowed
/// @param oemId whose ACPI tables they are, at most 6 characters
/// @param oemTableId the same, at most 8
/// @param numa which CPU is where, and how far apart nodes are
public record OnBoard(
        boolean secure,
        int serials,
        boolean randomness,
        boolean its,
        boolean spcr,
        boolean errors,
        boolean cxl,
        String oemId,
        String oemTableId,
        NumaLayout numa) {
    /// Without `x-oem-id`.
    public static final String OEM_ID = "BOCHS ";

    /// Without `x-oem-table-id`.
    public static final String OEM_TABLE = "BXPC    ";
}
