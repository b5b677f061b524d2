package dev.belfry.model.gic;

/// The identification registers that all frames of a GICv3 share (CoreSight, PIDR4 first), and the
/// packing of priorities.
final class IdRegisters {

    /// PIDR0 of the frames: part number, low half.
    static final int DISTRIBUTOR = 0x92;

    static final int REDISTRIBUTOR = 0x93;
    static final int ITS = 0x94;

    private static final int PIDR0 = 4;
    private static final int PIDR2 = 6;
    // PIDR4..7, PIDR0..3, CIDR0..3. PIDR2 has the architecture revision in 7:4.
    private static final int[] VALUES = {0x44, 0, 0, 0, 0, 0xb4, 0x0b, 0, 0x0d, 0xf0, 0x05, 0xb1};

    private IdRegisters() {}

    /// Register number `index` from offset 0xffd0 on.
    ///
    /// @param virtual whether there are virtual LPIs, which makes it a GICv4
    static int read(int index, int part, boolean virtual) {
        return switch (index) {
            case PIDR0 -> part;
            case PIDR2 -> VALUES[index] | (virtual ? 4 : 3) << 4;
            default -> VALUES[index];
        };
    }

    /// The word of IPRIORITYR that begins with interrupt `n`.
    static int priorities(InterruptBank bank, int n) {
        int out = 0;
        for (int i = 0; i < 4; i++) {
            out |= bank.priority(n + i) << (8 * i);
        }
        return out;
    }
}
