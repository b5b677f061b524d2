package dev.belfry.qemu.script;

import dev.belfry.model.bits.Bits;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/// Stage 1 tables under construction: 8-byte descriptors by address (Arm ARM D8.3).
final class ScriptTables {

    private static final long TABLE = 3;
    private static final long PAGE = 3;
    private static final long BLOCK = 1;
    private static final int LAST_LEVEL = 3;

    private final int granule;
    private final int stride;
    private final int start;
    private final long root;
    private final Map<Long, Long> words = new TreeMap<>();
    private final Set<Long> tableSlots = new TreeSet<>();
    private long next;

    /// @param granule log2 of the page size: 12, 14 or 16
    /// @param inputBits input address bits
    /// @param base where tables may lie, 64 KiB aligned
    ScriptTables(int granule, int inputBits, long base) {
        this.granule = granule;
        this.stride = granule - 3;
        int levels = (inputBits - granule + stride - 1) / stride;
        this.start = LAST_LEVEL + 1 - levels;
        this.root = base;
        this.next = base + (1L << granule);
    }

    long root() {
        return root;
    }

    /// Bytes that a leaf at `level` maps, as a power of 2.
    int leafBits(int level) {
        return granule + stride * (LAST_LEVEL - level);
    }

    /// Maps the page or block around `iova`.
    ///
    /// @param level of the leaf
    /// @param leaf output address and attributes
    void map(long iova, int level, long leaf) {
        long table = root;
        for (int l = start; l < level; l++) {
            long at = slot(table, iova, l);
            long word = words.getOrDefault(at, 0L);
            if ((word & TABLE) != TABLE) {
                word = next | TABLE;
                next += 1L << granule;
                words.put(at, word);
                tableSlots.add(at);
            }
            table = word & ~Bits.lowMask(granule) & Bits.lowMask(48);
        }
        words.put(slot(table, iova, level), leaf | (level == LAST_LEVEL ? PAGE : BLOCK));
    }

    private long slot(long table, long iova, int level) {
        return table + 8 * (iova >>> leafBits(level) & Bits.lowMask(stride));
    }

    /// Where the leaf of `iova` at `level` is, or 0 when no table leads there.
    long slot(long iova, int level) {
        long table = root;
        for (int l = start; l < level; l++) {
            long word = words.getOrDefault(slot(table, iova, l), 0L);
            if ((word & TABLE) != TABLE) {
                return 0;
            }
            table = word & ~Bits.lowMask(granule) & Bits.lowMask(48);
        }
        return slot(table, iova, level);
    }

    /// Where Table descriptors are.
    List<Long> tableSlots() {
        return List.copyOf(tableSlots);
    }

    /// Whether a leaf at `level` is possible: the start level, and blocks where the granule has
    /// them.
    boolean canMap(int level) {
        return level >= start
                && (level == LAST_LEVEL || level == 2 || (level == 1 && granule == 12));
    }

    /// All descriptors by address.
    Map<Long, Long> words() {
        return words;
    }
}
