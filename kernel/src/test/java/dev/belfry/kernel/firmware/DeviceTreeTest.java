package dev.belfry.kernel.firmware;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Test;

class DeviceTreeTest {

    private static final long AT = 0x4000_0000L;

    private final DeviceTree tree = DeviceTree.at(memory(Fixture.bytes("smmu.dtb")), AT);

    private static FirmwareMemory memory(byte[] bytes) {
        return Fixture.memory(AT, bytes);
    }

    @Test
    void piecesOfAMapSayWhatEveryIdSays() {
        Random random = new Random(7);
        for (int i = 0; i < 60; i++) {
            List<DtIdMap.Entry> entries = new ArrayList<>();
            for (int n = random.nextInt(4); n > 0; n--) {
                entries.add(
                        new DtIdMap.Entry(
                                random.nextInt(1 << 17),
                                random.nextInt(2),
                                random.nextBoolean() ? random.nextInt(1 << 20) : 0xffff_8000L,
                                random.nextInt(1 << 16)));
            }
            long[] masks = {0xffff_ffffL, 0xffff, 0xff00ff, 0xfff8, 0x7fff, random.nextInt()};
            DtIdMap map = new DtIdMap("iommu-map", masks[i % masks.length] & 0xffff_ffffL, entries);
            IntFunction<Optional<IdRanges.Destination>> lookup =
                    rid ->
                            map.entry(rid)
                                    .map(e ->
                                            new IdRanges.Destination(
                                                    e.apply(rid & map.mask()), e.phandle()));
            assertThat(IdRanges.of(lookup, map.cuts())).isEqualTo(IdRanges.of(lookup));
        }
    }

    @Test
    void nodesAndPropertiesOfQemusTreeAreRead() {
        DtNode smmu = tree.compatible("arm,smmu-v3").getFirst();
        assertThat(smmu.name()).isEqualTo("smmuv3@9050000");
        assertThat(smmu.reg()).containsExactly(new DtRange(0x0905_0000, 0x2_0000));
        assertThat(smmu.strings("interrupt-names"))
                .containsExactly("eventq", "priq", "cmdq-sync", "gerror");
        assertThat(smmu.cells("interrupts")).startsWith(0, 0x4a, 1);
        assertThat(smmu.has("dma-coherent")).isTrue();
        assertThat(tree.byPhandle(0x8005)).contains(smmu);
        assertThat(tree.compatible("arm,gic-v3-its").getFirst().parent().map(DtNode::name))
                .contains("intc@8000000");
    }

    @Test
    void idsAreLookedUpWithTheirRules() {
        DtNode pcie = tree.compatible("pci-host-ecam-generic").getFirst();
        IdLookup lookup = tree.lookup(pcie, "iommu-map", 0x10);
        assertThat(lookup.found()).isTrue();
        assertThat(lookup.id()).isEqualTo(0x10);
        assertThat(lookup.target()).isEqualTo(0x8005);
        assertThat(lookup.rules().getFirst()).isEqualTo("iommu-map: 0x10 lies in 0x0..0xffff");
        assertThat(tree.lookup(pcie, "no-map", 0x10).found()).isFalse();
    }

    @Test
    void aMaskIsAppliedBeforeTheMap() {
        DtIdMap.Entry entry = new DtIdMap.Entry(0x10, 1, 0x100, 8);
        DtIdMap map = new DtIdMap("iommu-map", 0xfff8, List.of(entry));
        assertThat(map.lookup(0x17).id()).isEqualTo(0x100);
        assertThat(map.lookup(0x17).rules().getFirst()).contains("leaves 0x10 of 0x17");
        assertThat(map.lookup(0x18).found()).isFalse();
    }

    @Test
    void aTreeIsFoundInMemory() {
        byte[] ram = new byte[0x6000];
        byte[] blob = Fixture.bytes("smmu.dtb");
        System.arraycopy(blob, 0, ram, 0x1008, blob.length);
        // A header without a tree, before it.
        System.arraycopy(blob, 0, ram, 0x800, 64);
        Optional<DeviceTree> found = DeviceTree.find(memory(ram), AT, ram.length);
        assertThat(found.map(t -> t.root().strings("model"))).contains(List.of("linux,dummy-virt"));
        assertThat(DeviceTree.find(memory(ram), AT, 0x1000)).isEmpty();
    }

    @Test
    void flippedBytesGiveATreeOrAFirmwareError() {
        byte[] valid = Fixture.bytes("smmu.dtb");
        Random random = new Random(22);
        int read = 0;
        for (int i = 0; i < 5_000; i++) {
            byte[] bytes = valid.clone();
            for (int flips = random.nextInt(1, 6); flips > 0; flips--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
            }
            try {
                DeviceTree flipped = DeviceTree.at(memory(bytes), AT);
                flipped.nodes().forEach(n -> flipped.lookup(n, "iommu-map", 0x10));
                read++;
            } catch (FirmwareError e) {
                assertThat(e.getMessage()).isNotEmpty();
            }
        }
        assertThat(read).isBetween(1, 4_999);
    }

    @Test
    void aTreeThatIsCutShortIsAnError() {
        byte[] valid = Fixture.bytes("smmu.dtb");
        byte[] shorter = Arrays.copyOf(valid, valid.length - 1);
        assertThatExceptionOfType(FirmwareError.class)
                .isThrownBy(() -> DeviceTree.at(memory(shorter), AT));
        assertThatExceptionOfType(FirmwareError.class)
                .isThrownBy(() -> DeviceTree.at(memory(new byte[64]), AT));
    }
}
