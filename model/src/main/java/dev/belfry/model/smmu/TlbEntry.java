package dev.belfry.model.smmu;

import dev.belfry.model.bits.Bits;

/// The two words of a TLB entry: the first has what a hit needs, the second what refusals and
/// invalidations ask for.
final class TlbEntry {

    // First word: PA in place, permissions of stage 1 and of stage 2, attributes of the leaves.
    private static final long ADDRESS = 0x000f_ffff_ffff_f000L;
    private static final int STAGE2_PERMISSIONS = 6;
    private static final int LEAVES = 52;

    // Second word: IPA in place, and
    private static final long LEVEL = 0x3;
    private static final int TG = 2;
    private static final long CLEAN = 0x10;

    private TlbEntry() {}

    /// The first word for what a walk found.
    ///
    /// @param leaves what the leaves say of attributes, 12 bits
    static long first(Walker w, int leaves) {
        return Bits.alignDown(w.pa, w.blockBits)
                | w.perms1
                | (long) w.perms2 << STAGE2_PERMISSIONS
                | (long) leaves << LEAVES;
    }

    /// The second word for what a walk found.
    ///
    /// @param level of the leaf of the first enabled stage
    /// @param granuleBits that stage's granule
    static long second(Walker w, int level, int granuleBits) {
        return (Bits.alignDown(w.ipa, w.blockBits) & ADDRESS)
                | (level & LEVEL)
                | (long) tgOf(granuleBits) << TG
                | (w.clean ? CLEAN : 0);
    }

    /// TG as CMD_TLBI has it: 1 for 4 KiB, 2 for 16 KiB, 3 for 64 KiB.
    private static int tgOf(int granuleBits) {
        return (granuleBits - 10) / 2;
    }

    /// The PA, or the IPA of the second word, for an address within a block of 2^size bytes.
    static long address(long word, long address, int size) {
        return (word & ADDRESS) | (address & Bits.lowMask(size));
    }

    /// What both stages allow.
    static int permissions(long first) {
        return (int) (first & first >>> STAGE2_PERMISSIONS) & Permissions.ALL;
    }

    /// What stage 1 allows.
    static int stage1Permissions(long first) {
        return (int) first & Permissions.ALL;
    }

    static int leaves(long first) {
        return (int) (first >>> LEAVES);
    }

    static int tg(long second) {
        return (int) (second >>> TG) & 3;
    }

    static int level(long second) {
        return (int) (second & LEVEL);
    }

    /// Whether hardware may yet make the page writable.
    static boolean isClean(long second) {
        return (second & CLEAN) != 0;
    }
}
