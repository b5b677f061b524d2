package dev.belfry.vmm.firmware;

import dev.belfry.model.address.Gpa;
import dev.belfry.model.journey.Bytes;
import java.util.List;

/// Firmware tables, placed in guest memory.
///
/// @param kind what they are
/// @param entry where the guest starts: the RSDP, or the device tree blob
/// @param blobs bytes and their addresses; they do not overlap
public record FirmwareImage(FirmwareInputs.Kind kind, Gpa entry, List<Blob> blobs) {

    public FirmwareImage {
        blobs = List.copyOf(blobs);
    }

    /// Bytes at an address.
    ///
    /// @param name a table's signature, `DTB`, or what else tables refer to
    /// @param at first address
    /// @param bytes what lies there
    public record Blob(String name, Gpa at, Bytes bytes) {

        Gpa end() {
            return at.plus(bytes.length());
        }
    }

    static final int ALIGNMENT = 64;

    /// Builds what `inputs` asks for.
    ///
    /// @param base where to put it, 64-byte aligned; what lies from there on is the firmware's
    public static FirmwareImage build(FirmwareInputs inputs, Gpa base) {
        return switch (inputs.kind()) {
            case ACPI -> acpi(inputs, base);
            case DEVICE_TREE ->
                    new FirmwareImage(
                            inputs.kind(),
                            base,
                            List.of(place("DTB", VirtDeviceTree.build(inputs), base)));
        };
    }

    /// How many bytes from `base` on are in use.
    public long size() {
        return blobs.getLast().end().value() - entry.value();
    }

    private static FirmwareImage acpi(FirmwareInputs inputs, Gpa base) {
        return new FirmwareImage(
                inputs.kind(), base, new AcpiImage(inputs, base.plus(ALIGNMENT)).blobs(base));
    }

    private static Blob place(String name, byte[] bytes, Gpa at) {
        return new Blob(name, at, Bytes.of(bytes));
    }
}
