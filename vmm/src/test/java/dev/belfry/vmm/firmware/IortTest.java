package dev.belfry.vmm.firmware;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.vmm.firmware.FirmwareInputs.Kind;
import dev.belfry.vmm.firmware.FirmwareInputs.Msi;
import dev.belfry.vmm.firmware.FirmwareInputs.Options;
import dev.belfry.vmm.firmware.FirmwareInputs.Smmu;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IortTest {

    /// What QEMU's rules give for an ITS and one accelerated SMMU with ATS on bus 0.
    private static final String ACCELERATED =
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

    @TempDir Path directory;

    @Test
    void anAcceleratedSmmuGivesTheseBytes() {
        byte[] expected = HexFormat.of().parseHex(ACCELERATED.replaceAll("\\s", ""));
        byte[] iort = accelerated(true);
        assertThat(HexFormat.of().formatHex(iort)).isEqualTo(HexFormat.of().formatHex(expected));
    }

    @Test
    void withoutRmrTheTableEndsWithTheRootComplexAndIaslReadsAllOfIt() {
        String listing = Tool.iasl(accelerated(false), directory);
        assertThat(listing)
                .contains("Node Count : 00000003", "ATS Attribute : 00000001")
                .contains("Event GSIV : 00000090", "GERR GSIV : 00000093", "Sync GSIV : 00000092")
                .doesNotContain("Incorrect checksum", "nvalid", "nknown");
    }

    @Test
    void withoutMsiControllerTheMachinesSmmuIsAloneAndHasNoMap() {
        ByteBuffer iort = build(new Msi.None(), List.of(VirtInputs.legacy()), 0, 0);
        assertThat(iort.limit()).isEqualTo(172);
        assertThat(iort.getInt(36)).isEqualTo(2);
        assertThat(iort.get(48)).isEqualTo((byte) 4);
        assertThat(iort.getShort(49)).isEqualTo((short) 0x44);
        assertThat(iort.getLong(48 + 16)).isEqualTo(0x0905_0000L);
        int rootComplex = 48 + 0x44;
        assertThat(iort.get(rootComplex)).isEqualTo((byte) 2);
        assertMap(iort, rootComplex + 36, 0, 0xff, 48);
    }

    @Test
    void gicv2mIsLikeNoMsiControllerHere() {
        assertThat(build(Msi.Gicv2m.VIRT, List.of(VirtInputs.legacy()), 0, 0))
                .isEqualTo(build(new Msi.None(), List.of(VirtInputs.legacy()), 0, 0));
    }

    @Test
    void withNeitherSmmuNorItsThereIsOneRootComplexWithoutMaps() {
        ByteBuffer iort = build(new Msi.None(), List.of(), 0, 0);
        assertThat(iort.limit()).isEqualTo(84);
        assertThat(iort.getInt(36)).isEqualTo(1);
        assertThat(iort.getInt(48 + 8)).isZero();
        assertThat(iort.getInt(48 + 12)).isEqualTo(36);
    }

    @Test
    void withoutSmmuAllIdsGoToTheIts() {
        ByteBuffer iort = build(Msi.Its.VIRT, List.of(), 0, 0);
        assertThat(iort.limit()).isEqualTo(128);
        assertMap(iort, 0x48 + 36, 0, 0xffff, 48);
    }

    @Test
    void theMachinesSmmuServesEveryRootBusThatDoesNotBypass() {
        FirmwareInputs inputs =
                VirtInputs.acpi(
                        new Msi.None(),
                        List.of(VirtInputs.legacy()),
                        VirtInputs.root(0, 1),
                        VirtInputs.root(16, 16),
                        VirtInputs.bypassing(32, 33));
        ByteBuffer iort = wrap(VirtInputs.iort(inputs));
        assertThat(iort.limit()).isEqualTo(192);
        assertThat(iort.getInt(48 + 44)).isEqualTo(0x6a);
        assertThat(iort.getInt(48 + 48)).isEqualTo(0x6b);
        assertThat(iort.getInt(48 + 52)).isEqualTo(0x6d);
        assertThat(iort.getInt(48 + 56)).isEqualTo(0x6c);
        assertMap(iort, 0x74 + 36, 0, 0x1ff, 0x30);
        assertMap(iort, 0x74 + 56, 0x1000, 0xff, 0x30);
    }

    @Test
    void devicesAreSortedByTheirLowestId() {
        FirmwareInputs inputs =
                VirtInputs.acpi(
                        new Msi.None(),
                        List.of(
                                VirtInputs.device(0, false, 16, 17),
                                VirtInputs.device(1, false, 0, 1)),
                        VirtInputs.root(0, 1),
                        VirtInputs.root(16, 17));
        ByteBuffer iort = wrap(VirtInputs.iort(inputs));
        assertThat(iort.limit()).isEqualTo(260);
        assertThat(iort.getLong(0x30 + 16)).isEqualTo(0x0c02_0000L);
        assertThat(iort.getLong(0x74 + 16)).isEqualTo(0x0c00_0000L);
        assertMap(iort, 0xb8 + 36, 0, 0x1ff, 0x30);
        assertMap(iort, 0xb8 + 56, 0x1000, 0x1ff, 0x74);
    }

    @Test
    void whatNoSmmuTakesGoesToTheItsInPieces() {
        FirmwareInputs inputs =
                VirtInputs.acpi(
                        Msi.Its.VIRT,
                        List.of(
                                VirtInputs.device(0, true, 8, 9),
                                VirtInputs.device(1, true, 0x20, 0x2f)),
                        VirtInputs.root(0, 1),
                        VirtInputs.root(8, 9),
                        VirtInputs.root(0x20, 0x2f));
        ByteBuffer iort = wrap(VirtInputs.iort(inputs));
        int rootComplex = 0x48 + 2 * 0x58;
        int maps = rootComplex + 36;
        assertThat(iort.getInt(rootComplex + 8)).isEqualTo(5);
        assertMap(iort, maps, 0x800, 0x1ff, 0x48);
        assertMap(iort, maps + 20, 0x2000, 0xfff, 0xa0);
        assertMap(iort, maps + 40, 0, 0x7ff, 0x30);
        assertMap(iort, maps + 60, 0xa00, 0x15ff, 0x30);
        assertMap(iort, maps + 80, 0x3000, 0xcfff, 0x30);
        int rmr = maps + 100;
        assertThat(iort.get(rmr)).isEqualTo((byte) 6);
        assertThat(iort.getInt(rmr + 28)).isEqualTo(0x800);
        assertThat(iort.getInt(rmr + 68 + 28 + 12)).isEqualTo(0xa0);
    }

    @Test
    void anIdentifierIsUsedButTheRunningNumberAdvances() {
        Smmu smmu =
                new Smmu(
                        0x0c00_0000,
                        144,
                        false,
                        false,
                        OptionalInt.of(7),
                        false,
                        0,
                        0,
                        Optional.empty());
        ByteBuffer iort = build(Msi.Its.VIRT, List.of(smmu), 0, 0);
        assertThat(iort.getInt(0x48 + 4)).isEqualTo(7);
        assertThat(iort.getInt(0xa0 + 4)).isEqualTo(2);
    }

    private static byte[] accelerated(boolean rmr) {
        return VirtInputs.iort(
                VirtInputs.of(
                        Kind.ACPI,
                        3,
                        2,
                        Msi.Its.VIRT,
                        List.of(VirtInputs.device(0, true, 0, 0)),
                        new Options(true, rmr),
                        VirtInputs.root(0, 0)));
    }

    private static ByteBuffer build(Msi msi, List<Smmu> smmus, int firstBus, int lastBus) {
        return wrap(
                VirtInputs.iort(VirtInputs.acpi(msi, smmus, VirtInputs.root(firstBus, lastBus))));
    }

    private static ByteBuffer wrap(byte[] bytes) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static void assertMap(ByteBuffer iort, int at, int base, int count, int target) {
        assertThat(List.of(iort.getInt(at), iort.getInt(at + 4), iort.getInt(at + 8)))
                .containsExactly(base, count, base);
        assertThat(iort.getInt(at + 12)).isEqualTo(target);
        assertThat(iort.getInt(at + 16)).isZero();
    }
}
