package dev.belfry.model.smmu;

import dev.belfry.model.bits.Bits;

/// One VMSAv8-64 translation table as its CD or STE configures it, with all that follows from it
/// worked out once.
///
/// @param enabled false for EPDx = 1
/// @param base address of the start table, aligned
/// @param granuleBits 12, 14 or 16
/// @param inputBits 64 - TxSZ
/// @param startLevel 0..3
/// @param outputBits effective IPS or S2PS
/// @param lpa whether 64 KiB descriptors carry address bits 51:48
/// @param minBlockLevel lowest level at which Block descriptors exist
/// @param affd access flag faults are off
/// @param ha hardware sets the access flag
/// @param hd hardware sets dirty state
/// @param had hierarchical permissions are off (stage 1)
/// @param tbi the top byte is ignored (stage 1)
record TableConfig(
        boolean enabled,
        long base,
        int granuleBits,
        int inputBits,
        int startLevel,
        int outputBits,
        boolean lpa,
        int minBlockLevel,
        boolean affd,
        boolean ha,
        boolean hd,
        boolean had,
        boolean tbi) {

    /// The half of the address space that EPDx = 1 disables.
    static TableConfig disabled(boolean tbi) {
        return new TableConfig(false, 0, 12, 48, 0, 48, false, 1, false, false, false, false, tbi);
    }

    /// The same with another granule; 0 stands for a Reserved encoding.
    TableConfig withGranule(int bits) {
        return new TableConfig(
                enabled,
                base,
                bits,
                inputBits,
                startLevel,
                outputBits,
                lpa,
                minBlockLevel,
                affd,
                ha,
                hd,
                had,
                tbi);
    }

    /// Index bits of one level.
    int stride() {
        return granuleBits - 3;
    }

    /// log2 of what one descriptor of `level` maps.
    int shift(int level) {
        return granuleBits + (3 - level) * stride();
    }

    /// First level of a stage 1 walk (Arm ARM D8.2).
    static int stage1StartLevel(int granuleBits, int inputBits) {
        int stride = granuleBits - 3;
        int levels = (inputBits - granuleBits + stride - 1) / stride;
        return 4 - Math.max(1, levels);
    }

    /// The base with the bits cleared that the start table's size demands; with a 52-bit output at
    /// least 64 bytes (IHI 0070 5.2 S2TTB, 5.4 TTB0).
    static long align(long base, int granuleBits, int inputBits, int startLevel, int outputBits) {
        int index = inputBits - (granuleBits + (3 - startLevel) * (granuleBits - 3));
        return Bits.alignDown(base, Math.max(outputBits == 52 ? 6 : 4, index + 3));
    }

    /// Whether descriptors carry address bits 51:48 in bits 15:12: those of 64 KiB granules, where
    /// 52-bit addresses are implemented, whatever IPS or S2PS says (Arm ARM D8.3.1).
    static boolean lpa(int granuleBits, int oas) {
        return granuleBits == 16 && oas == 52;
    }

    /// Lowest level with Block descriptors (Arm ARM D8.3.1): 4 KiB level 1, 16 KiB level 2, 64 KiB
    /// level 2, or 1 where 52-bit addresses are implemented.
    static int minBlockLevel(int granuleBits, int oas) {
        return switch (granuleBits) {
            case 12 -> 1;
            case 14 -> 2;
            default -> oas == 52 ? 1 : 2;
        };
    }
}
