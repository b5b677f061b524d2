package dev.belfry.kernel.iopgtable;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.kernel.TestMachine;
import dev.belfry.kernel.iopgtable.IoPageTable.Config;
import dev.belfry.kernel.iopgtable.IoPageTable.Stage;
import dev.belfry.kernel.memory.PageAllocator;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class IoPageTableTest {

    private final TestMachine machine = new TestMachine(256 << 20, 1);
    private final PageAllocator pages =
            new PageAllocator(machine, TestMachine.RAM_BASE, 256 << 20, 11);

    private IoPageTable table(Stage stage, Granule granule, int inputBits, int outputBits) {
        return new IoPageTable(
                machine, pages, new Config(stage, granule, inputBits, outputBits, false));
    }

    /// Follows table descriptors by the arithmetic of Arm ARM D8.2, written down here once more.
    private long descriptor(IoPageTable table, long address, int leafLevel, int startLevel) {
        int shift = table.config().granule().shift();
        long base = table.root();
        for (int level = startLevel; ; level++) {
            int low = shift + (3 - level) * (shift - 3);
            long index = address >>> low;
            if (level > startLevel) {
                index &= (1L << (shift - 3)) - 1;
            }
            long entry = machine.read(base + 8 * index, 8);
            if (level == leafLevel) {
                return entry;
            }
            assertThat(entry & 3).as("level %d", level).isEqualTo(3);
            assertThat(entry & 0xfff0_0000_0000_0ffcL).isZero();
            base = entry & 0xffff_ffff_f000L;
        }
    }

    @Test
    void theDoorbellsLeafIsTheOneThatLinuxWrote() {
        IoPageTable table = table(Stage.S1, Granule.G4K, 48, 44);
        table.map(0xffff_f000L, 0x0809_0000, 4096, Protection.DOORBELL);
        assertThat(descriptor(table, 0xffff_f000L, 3, 0)).isEqualTo(0x0060_0000_0809_0e4bL);
        // L0 index 0, L1 index 3, L2 and L3 index 511, as in the capture's walk
        assertThat(machine.read(table.root(), 8) & 3).isEqualTo(3);
    }

    @Test
    void aCoherentBuffersLeafHasTheAttributesThatLinuxWrote() {
        IoPageTable table = table(Stage.S1, Granule.G4K, 48, 44);
        table.map(0xffff_e000L, 0x4567_8000, 4096, Protection.DMA);
        assertThat(descriptor(table, 0xffff_e000L, 3, 0)).isEqualTo(0x4567_8f47L);
    }

    @Test
    void aReadOnlyBufferHasApBit7() {
        IoPageTable table = table(Stage.S1, Granule.G4K, 48, 44);
        table.map(0x1000, 0x4567_8000, 4096, Protection.DMA_TO_DEVICE);
        assertThat(descriptor(table, 0x1000, 3, 0)).isEqualTo(0x4567_8fc7L);
    }

    @Test
    void quarterOfATebibyteIsMappedAsOneGibibyteBlocks() {
        IoPageTable table = table(Stage.S2, Granule.G4K, 48, 48);
        long before = pages.allocatedBytes();
        assertThat(table.map(0x4000_0000L, 0x40_0000_0000L, 256L << 30, Protection.DMA))
                .isEqualTo(MapStatus.DONE);
        assertThat(pages.allocatedBytes() - before).isEqualTo(4096);
        // S2AP = read and write, MemAttr = write-back, inner shareable, AF
        assertThat(descriptor(table, 0x4000_0000L, 1, 0)).isEqualTo(0x40_0000_07fdL);
        assertThat(table.iovaToPhys(0x12_3456_7890L)).hasValue(0x51_f456_7890L);
    }

    @Test
    void unalignedEndsGetSmallerPages() {
        IoPageTable table = table(Stage.S1, Granule.G4K, 48, 48);
        long start = 0x3fff_f000L;
        table.map(start, start, 0x4020_2000L, Protection.DMA);
        assertThat(descriptor(table, start, 3, 0) & 3).isEqualTo(3);
        assertThat(descriptor(table, 0x4000_0000L, 1, 0) & 3).isEqualTo(1);
        assertThat(descriptor(table, 0x8000_0000L, 2, 0) & 3).isEqualTo(1);
        assertThat(descriptor(table, 0x8020_0000L, 3, 0) & 3).isEqualTo(3);
        assertThat(table.iovaToPhys(0x8020_1000L)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "S1, G4K, 48, 48, 0, 512",
        "S1, G4K, 39, 48, 1, 512",
        "S1, G16K, 47, 48, 1, 2048",
        "S1, G64K, 48, 48, 1, 64",
        "S1, G64K, 52, 52, 1, 1024",
        "S2, G4K, 40, 40, 1, 1024",
        "S2, G4K, 42, 42, 1, 4096",
        "S2, G4K, 44, 44, 0, 32",
        "S2, G16K, 48, 48, 1, 4096",
        "S2, G16K, 40, 40, 2, 32768",
        "S2, G64K, 42, 42, 2, 8192",
    })
    void geometryIsWhatTheArchitectureAndLinuxSay(
            Stage stage, Granule granule, int in, int out, int level, long entries) {
        Geometry geometry = table(stage, granule, in, out).geometry();
        assertThat(geometry.startLevel()).isEqualTo(level);
        assertThat(geometry.startEntries()).isEqualTo(entries);
    }

    @ParameterizedTest
    @CsvSource({
        "S1, G4K, 48, 48, 0x7fff12345000, 0xabcdef012000, 3, 0",
        "S1, G16K, 48, 48, 0x7fff12344000, 0xabcdef010000, 3, 0",
        "S1, G64K, 48, 48, 0x7fff12340000, 0xabcdef010000, 3, 1",
        "S2, G4K, 40, 40, 0xff12345000, 0xabcdef0000, 3, 1",
        "S2, G16K, 40, 40, 0xff12344000, 0xabcdef0000, 3, 2",
        "S2, G64K, 42, 42, 0x3ff12340000, 0x2bcdef0000, 3, 2",
    })
    void pagesAreFoundWhereTheWalkLooks(
            Stage stage,
            Granule granule,
            int in,
            int out,
            long address,
            long output,
            int leafLevel,
            int startLevel) {
        IoPageTable table = table(stage, granule, in, out);
        assertThat(table.map(address, output, granule.bytes(), Protection.DMA))
                .isEqualTo(MapStatus.DONE);
        long leaf = descriptor(table, address, leafLevel, startLevel);
        assertThat(leaf & 3).isEqualTo(3);
        assertThat(leaf & 0xffff_ffff_f000L).isEqualTo(output);
        assertThat(table.iovaToPhys(address + 0xabc)).hasValue(output + 0xabc);
    }

    @Test
    void outputBitsBeyond48LieInBits15To12WithLargePages() {
        IoPageTable table = table(Stage.S1, Granule.G64K, 52, 52);
        table.map(0xf_0000_1234_0000L, 0xa_1234_5678_0000L, 0x10000, Protection.DMA);
        long leaf = descriptor(table, 0xf_0000_1234_0000L, 3, 1);
        assertThat(leaf & 0xffff_ffff_f000L).isEqualTo(0x1234_5678_a000L);
        assertThat(table.iovaToPhys(0xf_0000_1234_5678L)).hasValue(0xa_1234_5678_5678L);
    }

    @Test
    void whatIsMappedIsNotMappedAgain() {
        IoPageTable table = table(Stage.S1, Granule.G4K, 48, 44);
        table.map(0x20_0000, 0x20_0000, 0x20_0000, Protection.DMA);
        assertThat(table.map(0x20_1000, 0x30_0000, 0x1000, Protection.DMA))
                .isEqualTo(MapStatus.EXISTS);
        assertThat(table.map(1L << 48, 0, 0x1000, Protection.DMA)).isEqualTo(MapStatus.RANGE);
        assertThat(table.map(0, 1L << 44, 0x1000, Protection.DMA)).isEqualTo(MapStatus.RANGE);
        assertThat(table.map(0x800, 0, 0x1000, Protection.DMA)).isEqualTo(MapStatus.MISALIGNED);
    }

    @Test
    void unmappingTellsWhatWentAndFreesTables() {
        IoPageTable table = table(Stage.S1, Granule.G4K, 48, 44);
        long before = pages.allocatedBytes();
        table.map(0x20_0000, 0x4000_0000, 0x1000, Protection.DMA);
        table.map(0x20_1000, 0x5000_0000, 0x1000, Protection.DMA);
        List<String> told = new ArrayList<>();
        Flush flush =
                new Flush() {
                    @Override
                    public void table(long address, long size, long granule) {
                        told.add("table %#x %#x %#x".formatted(address, size, granule));
                    }

                    @Override
                    public void leaf(long address, long granule) {
                        told.add("leaf %#x %#x".formatted(address, granule));
                    }
                };
        assertThat(table.unmap(0x20_0000, 0x1000, flush)).isEqualTo(0x1000);
        assertThat(table.unmap(0x20_0000, 0x20_0000, flush)).isEqualTo(0x1000);
        assertThat(told).containsExactly("leaf 0x200000 0x1000", "table 0x200000 0x200000 0x1000");
        // L1 and L2 tables stay, as they do in Linux; the L3 table is gone
        assertThat(pages.allocatedBytes() - before).isEqualTo(2 * 4096);
        assertThat(table.iovaToPhys(0x20_1000)).isEmpty();
    }

    @Test
    void aPartOfABlockIsNotUnmapped() {
        IoPageTable table = table(Stage.S2, Granule.G4K, 40, 40);
        table.map(0, 0, 2 << 20, Protection.DMA);
        assertThat(table.unmap(0x1000, 0x1000, Flush.NONE)).isZero();
        assertThat(table.iovaToPhys(0x1234)).hasValue(0x1234);
        assertThat(table.unmap(0, 2 << 20, Flush.NONE)).isEqualTo(2 << 20);
    }
}
