package dev.belfry.kernel.iopgtable;

import java.util.Arrays;
import java.util.List;

/// A translation granule.
public enum Granule {
    /// 4 KiB pages; blocks of 2 MiB and 1 GiB.
    G4K(12, 0, 1),
    /// 16 KiB pages; blocks of 32 MiB.
    G16K(14, 2, 2),
    /// 64 KiB pages; blocks of 512 MiB.
    G64K(16, 1, 2);

    private final int shift;
    private final int tg0;
    private final int firstBlockLevel;

    Granule(int shift, int tg0, int firstBlockLevel) {
        this.shift = shift;
        this.tg0 = tg0;
        this.firstBlockLevel = firstBlockLevel;
    }

    /// log2 of the page size.
    public int shift() {
        return shift;
    }

    /// Page size in bytes.
    public long bytes() {
        return 1L << shift;
    }

    /// As CD.TG0 and STE.S2TG have it: 0, 1 = 64 KiB, 2 = 16 KiB (IHI 0070 5.4, 5.2).
    public int tg0() {
        return tg0;
    }

    /// Input bits that one full level resolves.
    public int bitsPerLevel() {
        return shift - 3;
    }

    /// log2 of what one entry at `level` (0..3) maps.
    public int levelShift(int level) {
        return shift + (3 - level) * bitsPerLevel();
    }

    /// The first level that may hold blocks.
    public int firstBlockLevel() {
        return firstBlockLevel;
    }

    /// log2 of page and block sizes, largest first.
    public List<Integer> leafShifts() {
        return Arrays.stream(new int[] {1, 2, 3})
                .filter(level -> level >= firstBlockLevel)
                .mapToObj(this::levelShift)
                .toList();
    }
}
