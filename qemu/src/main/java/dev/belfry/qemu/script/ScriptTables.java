package dev.belfry.qemu.script;

import dev.belfry.model.bits.Bits;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.IntStream;

/// Translation tables under construction: 8-byte descriptors by the address that the stage's
/// descriptors call theirs (Arm ARM D8.3).
final class ScriptTables {

    private static final long TABLE = 3;
    private static final long PAGE = 3;
    private static final long BLOCK = 1;
    private static final int LAST_LEVEL = 3;

    private final int granule;
    private final int stride;
    private final int start;
    private final int startIndex;
    private final long root;
    private final Map<Long, Long> words = new TreeMap<>();
    private final Set<Long> tableSlots = new TreeSet<>();
    private long next;

    /// Stage 1 tables.
    ///
    /// @param granule log2 of the page size: 12, 14 or 16
    /// @param inputBits input address bits
    /// @param base where tables may lie, 64 KiB aligned
    ScriptTables(int granule, int inputBits, long base) {
        this(granule, inputBits, 4 - (inputBits - granule + granule - 4) / (granule - 3), base);
    }

    /// Tables whose start level may be lower than it need be: up to 16 concatenated ones.
    ///
    /// @param start the start level
    /// @param base where tables may lie, aligned to the start tables
    ScriptTables(int granule, int inputBits, int start, long base) {
        this.granule = granule;
        this.stride = granule - 3;
        this.start = start;
        this.startIndex = inputBits - leafBits(start);
        this.root = base;
        this.next = base + Math.max(1L << granule, 8L << startIndex);
    }

    /// Which start levels stage 2 tables of this size may have: one index bit at least, and four
    /// more than a table has at most (Arm ARM D8.2).
    static int[] startLevels(int granule, int inputBits) {
        int first = granule == 12 ? 0 : 1;
        return IntStream.rangeClosed(first, granule == 12 ? 2 : 3)
                .filter(level -> {
                    int index = inputBits - granule - (LAST_LEVEL - level) * (granule - 3);
                    return index >= 1 && index <= granule - 3 + 4;
                })
                .toArray();
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
            long at = at(table, iova, l);
            long word = words.getOrDefault(at, 0L);
            if ((word & TABLE) != TABLE) {
                word = next | TABLE;
                next += 1L << granule;
                words.put(at, word);
                tableSlots.add(at);
            }
            table = target(word);
        }
        words.put(at(table, iova, level), leaf | (level == LAST_LEVEL ? PAGE : BLOCK));
    }

    private long at(long table, long iova, int level) {
        int bits = level == start ? startIndex : stride;
        return table + 8 * (iova >>> leafBits(level) & Bits.lowMask(bits));
    }

    /// Where the leaf of `iova` at `level` is, or 0 when no table leads there.
    long slot(long iova, int level) {
        long table = root;
        for (int l = start; l < level; l++) {
            long word = words.getOrDefault(at(table, iova, l), 0L);
            if ((word & TABLE) != TABLE) {
                return 0;
            }
            table = target(word);
        }
        return at(table, iova, level);
    }

    /// Whether `iova` has a valid descriptor at `level`.
    boolean valid(long iova, int level) {
        long at = slot(iova, level);
        return at != 0 && (words.getOrDefault(at, 0L) & 1) != 0;
    }

    /// Where tables begin.
    List<Long> tables() {
        List<Long> out = new ArrayList<>(List.of(root));
        tableSlots.forEach(at -> out.add(target(words.getOrDefault(at, 0L))));
        return out;
    }

    private long target(long word) {
        return word & ~Bits.lowMask(granule) & Bits.lowMask(48);
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
