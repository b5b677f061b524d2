package dev.belfry.guest.firmware;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.tuple;

import dev.belfry.guest.firmware.FirmwareInfo.Cpu;
import dev.belfry.guest.firmware.FirmwareInfo.Source;
import dev.belfry.guest.firmware.HostBridge.Space;
import dev.belfry.guest.firmware.HostBridge.Window;
import dev.belfry.kernel.firmware.AcpiTables;
import dev.belfry.kernel.firmware.FirmwareError;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class AcpiPlatformTest {

    /// QEMU's IORT for an ITS and one accelerated SMMU on bus 0, with its RMR node.
    private static final String ACCELERATED_IORT =
            """
            494f5254 30010000 057a424f 43485320 42585043 20202020 01000000 42585043 01000000
            04000000 30000000 00000000
            00180001 00000000 00000000 00000000 01000000 00000000
            04580004 01000000 01000000 44000000 0000000c 00000000 01000000 00000000 00000000
            00000000 00000000 90000000
            91000000 93000000 92000000 00000000 00000000 00000000 ffff0000 00000000 30000000
            00000000
            024c0003 02000000 02000000 24000000 01000000 00000003 01000000 00000000 40000000
            00000000 ff000000 00000000
            48000000 00000000 00010000 fffe0000 00010000 30000000 00000000
            06440003 03000000 01000000 1c000000 00000000 01000000 30000000 00000000 ff000000
            00000000 48000000 01000000
            00000008 00000000 00001000 00000000 00000000
            """;

    private static byte[] acceleratedIort() {
        return HexFormat.of().parseHex(ACCELERATED_IORT.replaceAll("\\s", ""));
    }

    private static AcpiFixture qemu() {
        return AcpiFixture.of("DSDT.bin", "APIC.bin", "IORT.bin");
    }

    @Test
    void qemusTablesDescribeItsMachine() {
        FirmwareInfo info = qemu().read();
        assertThat(info.source()).isEqualTo(Source.ACPI);
        assertThat(info.cpus()).containsExactly(new Cpu(0), new Cpu(1));
        assertThat(info.gic())
                .isEqualTo(
                        new Gic(3, 0x0800_0000, List.of(new Gic.Range(0x080a_0000, 0xf6_0000)), 0));
        assertThat(info.msiControllers()).containsExactly(new MsiController.Its(0, 0x0808_0000));
        assertThat(info.smmus())
                .containsExactly(new SmmuNode(0x0905_0000, true, 0x6a, 0x6b, 0x6d, 0x6c));
        assertThat(info.rmrs()).isEmpty();
    }

    @Test
    void hostBridgesHaveBusesWindowsAndConfigurationSpace() {
        List<HostBridge> bridges = qemu().read().hostBridges();
        HostBridge expander = bridges.getFirst();
        assertThat(expander.firstBus()).isEqualTo(8);
        assertThat(expander.lastBus()).isEqualTo(8);
        assertThat(expander.ecamBase()).isEqualTo(0x40_1080_0000L);
        assertThat(expander.windows()).isEmpty();
        HostBridge root = bridges.getLast();
        assertThat(root.firstBus()).isZero();
        assertThat(root.lastBus()).isEqualTo(7);
        assertThat(root.ecamBase()).isEqualTo(0x40_1000_0000L);
        assertThat(root.coherent()).isTrue();
        assertThat(root.ats()).isFalse();
        assertThat(root.preserveConfig()).isFalse();
        assertThat(root.windows())
                .containsExactly(
                        new Window(Space.MEM32, false, 0x1000_0000, 0x1000_0000, 0x2eff_0000),
                        new Window(Space.IO, false, 0x3eff_0000, 0, 0x1_0000),
                        new Window(
                                Space.MEM64,
                                false,
                                0x80_0000_0000L,
                                0x80_0000_0000L,
                                0x80_0000_0000L));
    }

    @Test
    void overlappingRangesBecomeWhatLinuxMakesOfThem() {
        // Ids 0..0x900 go to the SMMU by one range; 0x100..0xffff to the ITS by another, which is
        // later.
        HostBridge bridge = qemu().read().hostBridges().getFirst();
        assertThat(bridge.iommuMaps()).containsExactly(new IdMap(0, 0x901, 0, 0));
        assertThat(bridge.msiMaps()).containsExactly(new IdMap(0, 0x1_0000, 0, 0));
    }

    @Test
    void aCountThatIsOneTooManyDoesNotTakeTheFirstBypassingId() {
        ByteBuffer iort =
                ByteBuffer.wrap(AcpiFixture.resource("IORT.bin")).order(ByteOrder.LITTLE_ENDIAN);
        iort.putInt(0xa8, 2).putInt(0xc8, 0x300);
        iort.putInt(0xd8, 0x300).putInt(0xdc, 0xfcff).putInt(0xe0, 0x300).putInt(0xe4, 0x30);
        FirmwareInfo info = with(iort.array(), "DSDT.bin");
        assertThat(info.hostBridges().getFirst().iommuMaps())
                .containsExactly(new IdMap(0, 0x300, 0, 0));
    }

    @Test
    void whatFirmwareNumberedIsBehindTheSmmuAndTheRestIsNot() {
        // Ranges of the table: 0..0x100 and 0x800..0xa00 to the SMMU, 0x100..0x800 and
        // 0xa00..0xffff
        // not; each count but the last is one too many.
        FirmwareInfo info = AcpiFixture.of("uefi-DSDT.bin", "APIC.bin", "uefi-IORT.bin").read();
        HostBridge expander = info.hostBridges().getFirst();
        assertThat(expander.lastBus()).isEqualTo(9);
        assertThat(expander.iommuMaps())
                .containsExactly(new IdMap(0, 0x100, 0, 0), new IdMap(0x800, 0x200, 0x800, 0));
        assertThat(expander.msiMaps()).containsExactly(new IdMap(0, 0x1_0000, 0, 0));
        assertThat(expander.windows())
                .extracting(Window::space, Window::cpuBase, Window::pciBase, Window::size)
                .containsExactly(
                        tuple(Space.IO, 0x3eff_1000L, 0x1000L, 0x1000L),
                        tuple(Space.MEM32, 0x1020_0000L, 0x1020_0000L, 0x20_0000L),
                        tuple(Space.MEM32, 0x1044_0000L, 0x1044_0000L, 0x1000L),
                        tuple(Space.MEM64, 0x80_0010_0000L, 0x80_0010_0000L, 0x10_0000L));
        assertThat(info.hostBridges().getLast().windows()).hasSize(7);
    }

    @Test
    void gicv2mTakesEveryIdWithoutAnIts() {
        FirmwareInfo info =
                AcpiFixture.of("gicv2m-DSDT.bin", "gicv2m-APIC.bin", "gicv2m-IORT.bin").read();
        assertThat(info.gic()).isEqualTo(new Gic(2, 0x0800_0000, List.of(), 0x0801_0000));
        assertThat(info.msiControllers())
                .containsExactly(new MsiController.V2m(0, 0x0802_0000, 80, 64));
        // That table still had an ITS group, though there was no ITS.
        assertThat(info.hostBridges().getFirst().msiMaps())
                .containsExactly(new IdMap(0, 0x1_0000, 0, 0));
        assertThat(info.smmus()).isEmpty();
    }

    @Test
    void reservedMemoryIsReadButNotUsedUnlessTheBootConfigurationIsPreserved() {
        FirmwareInfo info = with(acceleratedIort(), "DSDT.bin");
        HostBridge bridge = info.hostBridges().getLast();
        assertThat(info.rmrs())
                .containsExactly(
                        new ReservedMemory(
                                0x0800_0000,
                                0x10_0000,
                                false,
                                false,
                                0,
                                List.of(new ReservedMemory.Streams(0, 0, 0x100))));
        assertThat(bridge.ats()).isTrue();
        assertThat(info.reservedFor(bridge, 0, 0x10)).isEmpty();
        HostBridge preserving = preserving(bridge);
        assertThat(info.reservedFor(preserving, 0, 0x10)).isEqualTo(info.rmrs());
        assertThat(info.reservedFor(preserving, 0, 0x100)).isEmpty();
        assertThat(info.reservedFor(preserving, 1, 0x10)).isEmpty();
    }

    private static HostBridge preserving(HostBridge it) {
        return new HostBridge(
                it.segment(),
                it.ecamBase(),
                it.firstBus(),
                it.lastBus(),
                it.windows(),
                true,
                it.coherent(),
                it.ats(),
                it.iommuMaps(),
                it.msiMaps());
    }

    @Test
    void anOlderTableHasNoReservedMemory() {
        byte[] iort = acceleratedIort();
        iort[8] = 3;
        assertThat(with(iort, "DSDT.bin").rmrs()).isEmpty();
    }

    @Test
    void reservedMemoryThatIsNotAlignedIsRoundedToPages() {
        ByteBuffer iort = ByteBuffer.wrap(acceleratedIort()).order(ByteOrder.LITTLE_ENDIAN);
        iort.putLong(0xec + 48, 0x0800_1040).putLong(0xec + 56, 0x1000);
        // privileged, remapping permitted, Normal write-back
        iort.putInt(0xec + 16, 5 << 2 | 3);
        ReservedMemory rmr = with(iort.array(), "DSDT.bin").rmrs().getFirst();
        assertThat(rmr.base()).isEqualTo(0x0800_1000);
        assertThat(rmr.length()).isEqualTo(0x2000);
        assertThat(rmr.remapPermitted()).isTrue();
        assertThat(rmr.privileged()).isTrue();
        assertThat(rmr.attributes()).isEqualTo(5);
    }

    @Test
    void tablesAreFoundInMemory() {
        byte[] tables = qemu().bytes();
        byte[] ram = new byte[0x8000];
        // A signature without a structure comes first.
        System.arraycopy(tables, 0, ram, 0x10, 8);
        System.arraycopy(tables, 0, ram, 0x3018, 36);
        byte[] behind = new byte[ram.length + tables.length];
        System.arraycopy(tables, 0, behind, 0, tables.length);
        System.arraycopy(ram, 0, behind, tables.length, ram.length);
        long from = AcpiFixture.BASE + tables.length;
        AcpiTables found =
                AcpiTables.find(AcpiFixture.memory(behind), from, ram.length).orElseThrow();
        assertThat(found.entries())
                .extracting(AcpiTables.Entry::signature)
                .containsExactly("FACP", "APIC", "MCFG", "IORT", "DSDT");
        assertThat(found.entry("IORT").orElseThrow().checksumValid()).isFalse();
        assertThat(FirmwareReader.read(found).hostBridges()).hasSize(2);
        assertThat(AcpiTables.find(AcpiFixture.memory(ram), AcpiFixture.BASE, 0x3000)).isEmpty();
    }

    @Test
    void whatIsNeitherAnRsdpNorATreeIsAnError() {
        assertThatExceptionOfType(FirmwareError.class)
                .isThrownBy(() ->
                        FirmwareReader.read(AcpiFixture.memory(new byte[4096]), AcpiFixture.BASE));
        assertThatExceptionOfType(FirmwareError.class)
                .isThrownBy(() -> FirmwareReader.read(AcpiFixture.memory(new byte[4096]), 0x1000));
    }

    @Test
    void flippedBytesGiveAPlatformOrAFirmwareError() {
        byte[] valid = qemu().bytes();
        Random random = new Random(23);
        int read = 0;
        for (int i = 0; i < 200; i++) {
            byte[] bytes = valid.clone();
            for (int flips = random.nextInt(1, 20); flips > 0; flips--) {
                bytes[random.nextInt(0x40, bytes.length)] = (byte) random.nextInt();
            }
            try {
                FirmwareReader.read(AcpiFixture.memory(bytes), AcpiFixture.BASE);
                read++;
            } catch (FirmwareError e) {
                assertThat(e.getMessage()).isNotEmpty();
            }
        }
        assertThat(read).isBetween(1, 199);
    }

    private static FirmwareInfo with(byte[] iort, String dsdt) {
        AcpiFixture fixture = AcpiFixture.of(dsdt, "APIC.bin", "MCFG.bin");
        return fixture.add(iort).read();
    }
}
