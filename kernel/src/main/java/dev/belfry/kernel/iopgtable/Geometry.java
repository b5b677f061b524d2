package dev.belfry.kernel.iopgtable;

/// How many levels a table has and how large its first one is (Arm ARM D8.2.1, D8.2.2).
///
/// @param granule page size
/// @param inputBits size of the input address, 64 - T0SZ
/// @param startLevel first level walked, 0..3
/// @param startEntries entries of the first table; more than `1 << bitsPerLevel` when stage 2
///   tables are concatenated
public record Geometry(Granule granule, int inputBits, int startLevel, long startEntries) {

    /// Up to 16 tables may be concatenated at stage 2 (D8.2.2).
    private static final int MAX_CONCATENATED = 16;

    /// Geometry of a stage 1 table.
    public static Geometry stage1(Granule granule, int inputBits) {
        int levels = levels(granule, inputBits);
        int topBits = inputBits - granule.shift() - (levels - 1) * granule.bitsPerLevel();
        return new Geometry(granule, inputBits, 4 - levels, 1L << topBits);
    }

    /// Geometry of a stage 2 table. As Linux has it, a level 0 of at most 16 entries is replaced by
    /// that many concatenated level 1 tables; and so is a level 1 of the 16 KiB granule where the
    /// output size of 40 bits forbids to start there (Arm ARM D8.2.2).
    ///
    /// @param outputBits size of the output address
    public static Geometry stage2(Granule granule, int inputBits, int outputBits) {
        Geometry plain = stage1(granule, inputBits);
        boolean levelForbidden =
                granule == Granule.G16K && plain.startLevel == 1 && outputBits == 40;
        boolean concatenate =
                plain.startEntries <= MAX_CONCATENATED && (plain.startLevel == 0 || levelForbidden);
        return concatenate
                ? new Geometry(
                        granule,
                        inputBits,
                        plain.startLevel + 1,
                        plain.startEntries << granule.bitsPerLevel())
                : plain;
    }

    private static int levels(Granule granule, int inputBits) {
        int bits = inputBits - granule.shift();
        return (bits + granule.bitsPerLevel() - 1) / granule.bitsPerLevel();
    }

    /// Bytes of the first level's table or tables.
    public long startBytes() {
        return startEntries * 8;
    }

    /// STE.S2SL0 (IHI 0070 5.2): depends on the granule.
    public int sl0() {
        int distance = granule == Granule.G4K ? 2 : 3;
        return distance - startLevel;
    }

    /// Index of `address` in its table at `level`.
    long index(long address, int level) {
        int bits =
                level == startLevel
                        ? inputBits - granule.levelShift(level)
                        : granule.bitsPerLevel();
        return (address >>> granule.levelShift(level)) & ((1L << bits) - 1);
    }
}
