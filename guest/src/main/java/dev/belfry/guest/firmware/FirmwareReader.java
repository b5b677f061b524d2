package dev.belfry.guest.firmware;

import dev.belfry.kernel.firmware.AcpiTables;
import dev.belfry.kernel.firmware.DeviceTree;
import dev.belfry.kernel.firmware.FirmwareError;
import dev.belfry.kernel.firmware.FirmwareMemory;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// Reads [FirmwareInfo] from memory.
public final class FirmwareReader {

    private static final byte[] RSDP = "RSD PTR ".getBytes(StandardCharsets.US_ASCII);

    private FirmwareReader() {}

    /// What firmware left at an address: an RSDP or a device tree blob.
    ///
    /// @throws FirmwareError when neither is there, or what is there cannot be read
    public static FirmwareInfo read(FirmwareMemory memory, long entry) {
        return Arrays.equals(memory.read(entry, RSDP.length), RSDP)
                ? read(AcpiTables.at(memory, entry))
                : read(DeviceTree.at(memory, entry));
    }

    /// What ACPI tables say.
    ///
    /// @throws FirmwareError when there is no MADT with a distributor, or a table is malformed
    public static FirmwareInfo read(AcpiTables tables) {
        return AcpiPlatform.read(tables);
    }

    /// What a device tree says.
    ///
    /// @throws FirmwareError when there is no GIC, or a node is malformed
    public static FirmwareInfo read(DeviceTree tree) {
        return new DeviceTreePlatform(tree).read();
    }
}
