package dev.belfry.model.gic.spec;

import static dev.belfry.model.bits.Field.bit;
import static dev.belfry.model.bits.Field.bits;

import dev.belfry.model.bits.Field;

/// System registers of a CPU interface (IHI 0069 12.2, ICC_*). A guest's CPU uses the same names
/// for its virtual interface (ICV_*).
public enum Icc {
    /// Priority mask: what is not higher (lower in value) is not signalled.
    ICC_PMR_EL1,
    ICC_IAR0_EL1,
    ICC_IAR1_EL1,
    ICC_EOIR0_EL1,
    ICC_EOIR1_EL1,
    /// Deactivates what an end with EOImode = 1 left active.
    ICC_DIR_EL1,
    /// Running priority, 0xff when idle.
    ICC_RPR_EL1,
    ICC_HPPIR0_EL1,
    ICC_HPPIR1_EL1,
    ICC_BPR0_EL1,
    ICC_BPR1_EL1,
    ICC_CTLR_EL1,
    ICC_SRE_EL1,
    ICC_IGRPEN0_EL1,
    ICC_IGRPEN1_EL1,
    ICC_AP0R0_EL1,
    ICC_AP0R1_EL1,
    ICC_AP0R2_EL1,
    ICC_AP0R3_EL1,
    ICC_AP1R0_EL1,
    ICC_AP1R1_EL1,
    ICC_AP1R2_EL1,
    ICC_AP1R3_EL1,
    ICC_SGI0R_EL1,
    ICC_SGI1R_EL1;

    /// ICC_CTLR_EL1: Group 1 uses ICC_BPR0_EL1 too.
    public static final Field CTLR_CBPR = bit(0);

    /// ICC_CTLR_EL1: an end drops the priority only, ICC_DIR_EL1 deactivates.
    public static final Field CTLR_EOI_MODE = bit(1);

    /// ICC_CTLR_EL1: priority bits less one.
    public static final Field CTLR_PRI_BITS = bits(10, 8);

    /// ICC_CTLR_EL1: 0 for 16 bits of INTID, 1 for 24.
    public static final Field CTLR_ID_BITS = bits(13, 11);

    /// ICC_CTLR_EL1: SGIs can name a nonzero Aff3.
    public static final Field CTLR_A3V = bit(15);

    /// ICC_SGI0R_EL1, ICC_SGI1R_EL1: one bit a CPU of the cluster, from Aff0 = 16 * RS on.
    public static final Field SGI_TARGET_LIST = bits(15, 0);

    public static final Field SGI_AFF1 = bits(23, 16);
    public static final Field SGI_INTID = bits(27, 24);
    public static final Field SGI_AFF2 = bits(39, 32);

    /// All CPUs but the sender.
    public static final Field SGI_IRM = bit(40);

    public static final Field SGI_RS = bits(47, 44);
    public static final Field SGI_AFF3 = bits(55, 48);
}
