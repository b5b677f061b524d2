package dev.belfry.vmm.firmware;

import dev.belfry.vmm.firmware.FirmwareInputs.Window;
import java.util.Optional;

/// What only ACPI tells of a board.
///
/// @param oem whose tables they are
/// @param spcr whether the serial console has a table
/// @param errors whether errors of the hardware are told (`ras=on`)
/// @param cxl whether there may be CXL host bridges
/// @param tpm registers of a TPM 2.0 on the platform bus
/// @param memorySlots for memory that is plugged later
/// @param deviceMemory where that would be
public record AcpiBoard(
        Oem oem,
        boolean spcr,
        boolean errors,
        boolean cxl,
        Optional<Window> tpm,
        int memorySlots,
        Optional<Window> deviceMemory) {

    /// Whose tables they are.
    ///
    /// @param id at most 6 characters
    /// @param table at most 8
    public record Oem(String id, String table) {
        /// What QEMU calls itself when nobody says otherwise.
        public static final Oem QEMU = new Oem("BOCHS ", "BXPC    ");
    }

    /// With nothing special.
    public static final AcpiBoard PLAIN =
            new AcpiBoard(Oem.QEMU, true, false, false, Optional.empty(), 0, Optional.empty());
}
