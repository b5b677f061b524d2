package dev.belfry.vmm.firmware;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.model.address.Gpa;
import dev.belfry.model.journey.Bytes;
import dev.belfry.vmm.firmware.FirmwareInputs.Kind;
import dev.belfry.vmm.firmware.FirmwareInputs.Msi;
import dev.belfry.vmm.firmware.FirmwareInputs.Options;
import dev.belfry.vmm.firmware.FirmwareInputs.RootBus;
import dev.belfry.vmm.firmware.FirmwareInputs.Window;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AcpiTablesTest {

    private static final Gpa BASE = new Gpa(0x4800_0000);

    @TempDir Path directory;

    @Test
    void madtWithItsIsQemus() throws IOException {
        byte[] madt = Madt.build(VirtInputs.acpi(Msi.Its.VIRT, List.of(), VirtInputs.root(0, 0)));
        assertThat(withoutChecksum(madt)).isEqualTo(qemus("gicv3-its-APIC.bin"));
    }

    @Test
    void madtWithGicv2mIsQemus() throws IOException {
        byte[] madt =
                Madt.build(
                        VirtInputs.of(
                                Kind.ACPI,
                                2,
                                2,
                                Msi.Gicv2m.VIRT,
                                List.of(),
                                new Options(false, true),
                                VirtInputs.root(0, 0)));
        assertThat(withoutChecksum(madt)).isEqualTo(qemus("gicv2m-APIC.bin"));
    }

    @Test
    void mcfgIsQemus() throws IOException {
        FirmwareInputs inputs = VirtInputs.acpi(Msi.Its.VIRT, List.of(), VirtInputs.root(0, 0));
        assertThat(withoutChecksum(FixedTables.mcfg(inputs.pci()))).isEqualTo(qemus("MCFG.bin"));
    }

    @Test
    void manyCpusNeedASecondRedistributorRegionAndHaveClusters() {
        FirmwareInputs inputs =
                VirtInputs.of(
                        Kind.ACPI,
                        3,
                        130,
                        Msi.Its.VIRT,
                        List.of(),
                        new Options(false, true),
                        VirtInputs.root(0, 0));
        String listing = Tool.iasl(Madt.build(inputs), directory);
        assertThat(listing)
                .contains("Base Address : 00000000080A0000", "Base Address : 0000004000000000")
                .contains("ARM MPIDR : 0000000000000801");
    }

    @Test
    void iaslAcceptsEveryTable() {
        FirmwareImage image = FirmwareImage.build(expanded(true), BASE);
        assertThat(image.blobs())
                .extracting(FirmwareImage.Blob::name)
                .containsExactly(
                        "RSDP", "DSDT", "FACP", "APIC", "PPTT", "GTDT", "MCFG", "SPCR", "DBG2",
                        "IORT", "XSDT");
        for (FirmwareImage.Blob blob : image.blobs()) {
            // iasl 20200925 stops at RMR nodes and does not take an RSDP by itself.
            if (!List.of("IORT", "RSDP").contains(blob.name())) {
                assertThat(Tool.iasl(blob.bytes().toArray(), directory))
                        .as(blob.name())
                        .doesNotContain("Incorrect checksum", "Invalid", "nknown");
            }
        }
    }

    @Test
    void pointersLeadFromTheRsdpToTheDsdt() {
        FirmwareImage image = FirmwareImage.build(expanded(true), BASE);
        assertThat(image.entry()).isEqualTo(BASE);
        assertThat(sum(bytes(image, "RSDP"), 20)).isZero();
        assertThat(sum(bytes(image, "RSDP"), 36)).isZero();
        assertThat(word(bytes(image, "RSDP"), 24)).isEqualTo(at(image, "XSDT"));
        assertThat(word(bytes(image, "XSDT"), 36)).isEqualTo(at(image, "FACP"));
        byte[] xsdt = bytes(image, "XSDT").toArray();
        assertThat(word(bytes(image, "XSDT"), xsdt.length - 8)).isEqualTo(at(image, "IORT"));
        assertThat(word(bytes(image, "FACP"), 140)).isEqualTo(at(image, "DSDT"));
        long end = BASE.value();
        for (FirmwareImage.Blob blob : image.blobs()) {
            assertThat(blob.at().value()).isGreaterThanOrEqualTo(end);
            end = blob.at().value() + blob.bytes().length();
        }
        assertThat(image.size()).isEqualTo(end - BASE.value());
    }

    @Test
    void bridgesPreserveTheirConfigurationWhenAsked() {
        String asl = Tool.iasl(Dsdt.build(expanded(true)), directory);
        assertThat(asl.split("ToUUID \\(\"e5c937d0-3553-4d7a-9117-ea4d19c3434d\"\\)"))
                .as("two host bridges, and what names their slots")
                .hasSize(4);
        assertThat(asl.replaceAll("\\s+", " "))
                .contains("If ((Arg2 == Zero)) { Return (Buffer (One) { 0x21")
                .contains("If ((Arg2 == 0x05)) { Return (Zero) }");
    }

    @Test
    void otherwiseThereIsNoFunctionFive() {
        String asl = Tool.iasl(Dsdt.build(expanded(false)), directory).replaceAll("\\s+", " ");
        assertThat(asl)
                .contains("If ((Arg2 == Zero)) { Return (Buffer (One) { 0x00")
                .doesNotContain("Arg2 == 0x05");
    }

    @Test
    void rootBusesShareBusesAndWindows() {
        String asl = Tool.iasl(Dsdt.build(expanded(true)), directory);
        String expander = asl.substring(asl.indexOf("Device (PC08)"), asl.indexOf("Device (PCI0)"));
        assertThat(expander)
                .contains("Name (_BBN, 0x08)", "Name (_UID, 0x08)", "Name (_CCA, One)")
                .contains("0x0008,             // Range Minimum", "0x0009,             // Range M")
                .contains("0x10000000,         // Range Minimum")
                .contains("0x000000813FFFFFFF, // Range Maximum");
        String root = asl.substring(asl.indexOf("Device (PCI0)"));
        assertThat(root)
                .contains("0x0007,             // Range Maximum")
                .contains("0x10200000,         // Range Minimum", "0x3EFEFFFF,         // Range M")
                .contains("0x00001000,         // Range Minimum", "0x3EFF0000,         // Transl")
                .contains("0x0000008000000000, // Range Minimum")
                .contains("0x00000080FFFFFFFF, // Range Maximum")
                .contains("0x0000008140000000, // Range Minimum");
    }

    /// As QEMU 11.1 writes it (hw/arm/virt-acpi-build.c, acpi_dsdt_add_tegra241_cmdqv).
    @Test
    void theQueuesOfAnSmmuAreADeviceWithItsIdentifier() {
        FirmwareInputs.Smmu smmu =
                new FirmwareInputs.Smmu(
                        0x0c00_0000,
                        144,
                        true,
                        true,
                        OptionalInt.of(7),
                        false,
                        8,
                        9,
                        Optional.of(
                                new FirmwareInputs.Cmdqv(new Window(0x0c08_0000, 0x5_0000), 148)));
        FirmwareInputs inputs =
                VirtInputs.of(
                        Kind.ACPI,
                        3,
                        1,
                        Msi.Its.VIRT,
                        List.of(smmu),
                        new Options(true, true),
                        VirtInputs.root(0, 1),
                        VirtInputs.root(8, 9));
        String asl = Tool.iasl(Dsdt.build(inputs), directory);
        assertThat(asl.substring(asl.indexOf("Device (CV07)")).replaceAll("\\s+", " "))
                .contains("Name (_HID, \"NVDA200C\")", "Name (_UID, 0x07)", "Name (_CCA, One)")
                .contains(
                        "QWordMemory (ResourceProducer, PosDecode, MinFixed, MaxFixed, Cacheable,"
                                + " ReadWrite,")
                .contains("0x000000000C080000, // Range Minimum")
                .contains("0x000000000C0CFFFF, // Range Maximum")
                .contains("0x0000000000050000, // Length")
                .contains(
                        "Interrupt (ResourceConsumer, Edge, ActiveHigh, Exclusive, ,, ) {"
                                + " 0x00000094, }");
        assertThat(Tool.iasl(Dsdt.build(expanded(true)), directory)).doesNotContain("NVDA200C");
    }

    /// `pcie.0` with two buses, and a `pxb-pcie` from bus 8 on with windows of its own.
    private static FirmwareInputs expanded(boolean preserve) {
        return VirtInputs.of(
                Kind.ACPI,
                3,
                2,
                Msi.Its.VIRT,
                List.of(VirtInputs.device(0, true, 8, 9)),
                new Options(preserve, true),
                VirtInputs.root(0, 1),
                new RootBus(
                        8,
                        9,
                        false,
                        OptionalInt.empty(),
                        List.of(new Window(0, 0x1000)),
                        List.of(
                                new Window(0x1000_0000, 0x20_0000),
                                new Window(0x81_0000_0000L, 0x4000_0000))));
    }

    private static byte[] withoutChecksum(byte[] table) {
        byte[] sealed = AcpiTable.sealed(table, AcpiBoard.Oem.QEMU);
        sealed[9] = 0;
        return sealed;
    }

    private static byte[] qemus(String name) throws IOException {
        try (InputStream in =
                Objects.requireNonNull(AcpiTablesTest.class.getResourceAsStream(name))) {
            return in.readAllBytes();
        }
    }

    private static FirmwareImage.Blob blob(FirmwareImage image, String name) {
        return image.blobs().stream().filter(b -> b.name().equals(name)).findFirst().orElseThrow();
    }

    private static Bytes bytes(FirmwareImage image, String name) {
        return blob(image, name).bytes();
    }

    private static long at(FirmwareImage image, String name) {
        return blob(image, name).at().value();
    }

    private static int sum(Bytes bytes, int length) {
        return IntStream.range(0, length).map(bytes::at).sum() & 0xff;
    }

    private static long word(Bytes bytes, int offset) {
        long word = 0;
        for (int i = 7; i >= 0; i--) {
            word = word << 8 | bytes.at(offset + i);
        }
        return word;
    }
}
