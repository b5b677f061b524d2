package dev.belfry.kernel.firmware;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/// Devices of the Differentiated System Description Table that this kernel knows, as far as they
/// are present. SSDTs are not read.
///
/// @param hostBridges PCI host bridges: what is, or is compatible with, PNP0A08 or PNP0A03
/// @param cmdqvs Tegra241 CMDQ-Vs: NVDA200C; both in the table's order
public record Dsdt(List<AcpiHostBridge> hostBridges, List<AcpiCmdqv> cmdqvs) {

    private static final int HEADER = 36;

    /// `EisaId ("PNP0A08")` and `EisaId ("PNP0A03")` (ACPI 6.5, 19.6.34).
    private static final long PNP0A08 = 0x080a_d041;

    private static final long PNP0A03 = 0x030a_d041;

    /// The UUID of `_DSM` for PCI (PCI Firmware 3.3, 4.6), as it lies in memory.
    private static final byte[] PCI_DSM = {
        (byte) 0xd0,
        0x37,
        (byte) 0xc9,
        (byte) 0xe5,
        0x53,
        0x35,
        0x7a,
        0x4d,
        (byte) 0x91,
        0x17,
        (byte) 0xea,
        0x4d,
        0x19,
        (byte) 0xc3,
        0x43,
        0x4d
    };

    private static final int PRESERVE_BOOT_CONFIG = 5;

    /// `_STA` (6.3.7): present, or at least functional.
    private static final int PRESENT = 1 | 1 << 3;

    public Dsdt {
        hostBridges = List.copyOf(hostBridges);
        cmdqvs = List.copyOf(cmdqvs);
    }

    static Dsdt read(Table table) {
        AmlNamespace namespace = AmlNamespace.load(table, HEADER);
        List<AcpiHostBridge> bridges = new ArrayList<>();
        List<AcpiCmdqv> cmdqvs = new ArrayList<>();
        for (String device : namespace.devices()) {
            if (isHostBridge(namespace, device)) {
                bridges.add(bridge(namespace, device));
            } else if (isCmdqv(namespace, device)) {
                AcpiCmdqv.of(device, uid(namespace, device), resources(namespace, device))
                        .ifPresent(cmdqvs::add);
            }
        }
        return new Dsdt(bridges, cmdqvs);
    }

    private static boolean isHostBridge(AmlNamespace namespace, String device) {
        boolean pci =
                isPciId(value(namespace, device + "._HID"))
                        || isPciId(value(namespace, device + "._CID"));
        return pci && isPresent(namespace, device);
    }

    private static boolean isCmdqv(AmlNamespace namespace, String device) {
        return value(namespace, device + "._HID")
                        .filter(id ->
                                id instanceof AmlValue.Str(String text)
                                        && text.equals(AcpiCmdqv.HID))
                        .isPresent()
                && isPresent(namespace, device);
    }

    private static boolean isPresent(AmlNamespace namespace, String device) {
        return (number(namespace, device + "._STA").orElse(PRESENT) & PRESENT) != 0;
    }

    /// `_UID` (6.1.12): a string, or a number that counts as its decimal digits.
    private static String uid(AmlNamespace namespace, String device) {
        return value(namespace, device + "._UID")
                .map(v ->
                        switch (v) {
                            case AmlValue.Str it -> it.text();
                            case AmlValue.Int it -> Long.toUnsignedString(it.value());
                            case AmlValue.Buf _,
                                    AmlValue.Pack _,
                                    AmlValue.Method _,
                                    AmlValue.Opaque _ ->
                                    "";
                        })
                .orElse("");
    }

    /// `_CRS`; empty when it is no buffer.
    private static Table resources(AmlNamespace namespace, String device) {
        return value(namespace, device + "._CRS").orElse(new AmlValue.Opaque())
                        instanceof AmlValue.Buf(Table bytes)
                ? bytes
                : new Table("resource", new byte[0]);
    }

    private static boolean isPciId(Optional<AmlValue> id) {
        return id.isPresent()
                && switch (id.get()) {
                    case AmlValue.Int it -> it.value() == PNP0A08 || it.value() == PNP0A03;
                    case AmlValue.Str it ->
                            it.text().equals("PNP0A08") || it.text().equals("PNP0A03");
                    case AmlValue.Pack it ->
                            it.elements().stream().map(Optional::of).anyMatch(Dsdt::isPciId);
                    case AmlValue.Buf _, AmlValue.Method _, AmlValue.Opaque _ -> false;
                };
    }

    private static AcpiHostBridge bridge(AmlNamespace namespace, String device) {
        return new AcpiHostBridge(
                device,
                (int) number(namespace, device + "._SEG").orElse(0) & 0xffff,
                (int) number(namespace, device + "._BBN").orElse(0) & 0xff,
                number(namespace, device + "._CCA").orElse(0) != 0,
                number(namespace, device + "._CBA"),
                AcpiAddressSpace.read(resources(namespace, device)),
                preserveBootConfig(namespace, device));
    }

    /// Linux calls function 5 with revision 1 without asking function 0 first, and wants an
    /// integer.
    private static OptionalLong preserveBootConfig(AmlNamespace namespace, String device) {
        Optional<AmlValue> result =
                AmlEvaluator.evaluate(
                        namespace,
                        device + "._DSM",
                        new AmlValue.Buf(new Table("UUID", PCI_DSM.clone())),
                        new AmlValue.Int(1),
                        new AmlValue.Int(PRESERVE_BOOT_CONFIG),
                        new AmlValue.Pack(List.of()));
        return integer(result);
    }

    private static Optional<AmlValue> value(AmlNamespace namespace, String path) {
        return AmlEvaluator.evaluate(namespace, path);
    }

    private static OptionalLong number(AmlNamespace namespace, String path) {
        return integer(value(namespace, path));
    }

    private static OptionalLong integer(Optional<AmlValue> value) {
        return value.isPresent() && value.get() instanceof AmlValue.Int it
                ? OptionalLong.of(it.value())
                : OptionalLong.empty();
    }
}
