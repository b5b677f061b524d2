package dev.belfry.vmm.machine;

/// What the guest starts from.
///
/// @param file the file named by `-bios`, `-pflash` and the like; empty when none was
/// @param acpi whether the firmware gets ACPI tables
public record Firmware(String file, boolean acpi) {

    /// Whether the command line names a firmware. If not, Belfry assumes UEFI all the same.
    public boolean named() {
        return !file.isEmpty();
    }
}
