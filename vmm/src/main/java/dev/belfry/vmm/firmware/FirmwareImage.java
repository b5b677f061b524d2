package dev.belfry.vmm.firmware;

import dev.belfry.model.address.Gpa;
import dev.belfry.model.journey.Bytes;
import java.util.ArrayList;
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
    /// @param name a table's signature, or `DTB`
    /// @param at first address
    /// @param bytes what lies there
    public record Blob(String name, Gpa at, Bytes bytes) {

        Gpa end() {
            return at.plus(bytes.length());
        }
    }

    private static final int ALIGNMENT = 64;

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

    /// DSDT first: the FADT needs its address, as the XSDT those of all others, and the RSDP the
    /// XSDT's. They are in the order of QEMU's.
    private static FirmwareImage acpi(FirmwareInputs inputs, Gpa base) {
        List<Blob> blobs = new ArrayList<>();
        Blob dsdt = place("DSDT", Dsdt.build(inputs), base.plus(ALIGNMENT));
        blobs.add(dsdt);
        append(blobs, "FACP", FixedTables.fadt(dsdt.at().value(), inputs.board()));
        append(blobs, "APIC", Madt.build(inputs));
        append(blobs, "GTDT", FixedTables.gtdt(inputs.board()));
        append(blobs, "MCFG", FixedTables.mcfg(inputs.pci()));
        if (inputs.options().spcr()) {
            append(blobs, "SPCR", FixedTables.spcr());
        }
        append(blobs, "IORT", Iort.build(inputs));
        List<Long> listed = blobs.stream().skip(1).map(blob -> blob.at().value()).toList();
        append(blobs, "XSDT", FixedTables.xsdt(listed));
        long xsdt = blobs.getLast().at().value();
        blobs.addFirst(place("RSDP", FixedTables.rsdp(xsdt), base));
        return new FirmwareImage(inputs.kind(), base, blobs);
    }

    private static void append(List<Blob> blobs, String name, byte[] bytes) {
        Gpa next = blobs.getLast().end().plus(ALIGNMENT - 1L).alignDown(6);
        blobs.add(place(name, bytes, next));
    }

    private static Blob place(String name, byte[] bytes, Gpa at) {
        return new Blob(name, at, Bytes.of(bytes));
    }
}
