package dev.belfry.kernel.smmu;

import static dev.belfry.model.bits.Field.bit;
import static dev.belfry.model.bits.Field.bits;

import dev.belfry.kernel.iopgtable.Geometry;
import dev.belfry.kernel.iopgtable.IoPageTable;
import dev.belfry.model.bits.Field;

/// A stream table entry's first four words (IHI 0070 5.2); the other four are zero.
///
/// @param w0 bits 63:0: V, Config, stage 1 context
/// @param w1 bits 127:64: attributes
/// @param w2 bits 191:128: VMID, stage 2 geometry
/// @param w3 bits 255:192: S2TTB
public record StreamEntry(long w0, long w1, long w2, long w3) {

    static final Field V = bit(0);
    static final Field CONFIG = bits(3, 1);
    private static final Field S1_FMT = bits(5, 4);
    private static final Field S1_CONTEXT_PTR = bits(51, 6);
    private static final Field S1_CD_MAX = bits(63, 59);

    private static final Field S1_DSS = bits(1, 0);
    private static final Field S1_CIR = bits(3, 2);
    private static final Field S1_COR = bits(5, 4);
    private static final Field S1_CSH = bits(7, 6);
    private static final Field MEV = bit(19);
    private static final Field S2_FWB = bit(25);
    private static final Field S1_STALLD = bit(27);
    private static final Field EATS = bits(29, 28);
    private static final Field STRW = bits(31, 30);
    private static final Field SHCFG = bits(45, 44);

    private static final Field S2_VMID = bits(15, 0);
    private static final Field S2_T0SZ = bits(37, 32);
    private static final Field S2_SL0 = bits(39, 38);
    private static final Field S2_IR0 = bits(41, 40);
    private static final Field S2_OR0 = bits(43, 42);
    private static final Field S2_SH0 = bits(45, 44);
    private static final Field S2_TG = bits(47, 46);
    private static final Field S2_PS = bits(50, 48);
    private static final Field S2_AA64 = bit(51);
    private static final Field S2_PTW = bit(54);
    private static final Field S2_R = bit(58);

    private static final Field S2_TTB = bits(51, 4);

    /// S1DSS, S1CIR, S1COR, S1CSH.
    private static final long S1_ATTRIBUTES = 0xff;

    static final int ABORT = 0;
    static final int BYPASS = 4;
    private static final int STAGE1 = 5;
    private static final int STAGE2 = 6;
    private static final int NESTED = 7;

    private static final int DSS_SSID0 = 2;
    private static final int WRITE_BACK = 1;
    private static final int INNER_SHAREABLE = 3;
    private static final int SHCFG_INCOMING = 1;
    private static final int EATS_FULL = 1;
    private static final int STRW_EL2 = 2;

    /// What a stage 1 entry says besides its CDs.
    ///
    /// @param noStall stalls are possible but the device cannot (S1STALLD)
    /// @param ats ATS is enabled
    /// @param el2 the stream belongs to EL2 (STRW)
    public record Stage1Options(boolean noStall, boolean ats, boolean el2) {
        /// A device without ATS of an operating system at EL1, on an SMMU that only terminates.
        public static final Stage1Options NONE = new Stage1Options(false, false, false);
    }

    /// Transactions are terminated, and nothing is recorded.
    public static StreamEntry abort() {
        return simple(ABORT);
    }

    /// Transactions pass.
    public static StreamEntry bypass() {
        return simple(BYPASS);
    }

    private static StreamEntry simple(int config) {
        return new StreamEntry(V.mask() | CONFIG.of(config), SHCFG.of(SHCFG_INCOMING), 0, 0);
    }

    /// Stage 1 through the CDs of `table`.
    public static StreamEntry stage1(CdTable table, Stage1Options options) {
        long w0 =
                V.mask()
                        | CONFIG.of(STAGE1)
                        | S1_FMT.of(table.s1Fmt())
                        | S1_CONTEXT_PTR.inPlace(table.base())
                        | S1_CD_MAX.of(table.ssidBits());
        long w1 =
                S1_DSS.of(DSS_SSID0)
                        | S1_CIR.of(WRITE_BACK)
                        | S1_COR.of(WRITE_BACK)
                        | S1_CSH.of(INNER_SHAREABLE)
                        | S1_STALLD.of(options.noStall ? 1 : 0)
                        | EATS.of(options.ats ? EATS_FULL : 0)
                        | STRW.of(options.el2 ? STRW_EL2 : 0);
        return new StreamEntry(w0, w1, 0, 0);
    }

    /// Stage 2 through `table`.
    ///
    /// @param vmid VMID
    /// @param ats ATS is enabled
    public static StreamEntry stage2(IoPageTable table, int vmid, boolean ats) {
        Geometry geometry = table.geometry();
        long w1 = EATS.of(ats ? EATS_FULL : 0) | S2_FWB.of(table.config().fwb() ? 1 : 0);
        long w2 =
                S2_VMID.of(vmid)
                        | S2_T0SZ.of(64 - geometry.inputBits())
                        | S2_SL0.of(geometry.sl0())
                        | S2_IR0.of(WRITE_BACK)
                        | S2_OR0.of(WRITE_BACK)
                        | S2_SH0.of(INNER_SHAREABLE)
                        | S2_TG.of(geometry.granule().tg0())
                        | S2_PS.of(SmmuFeatures.encodeOutputSize(table.config().outputBits()))
                        | S2_AA64.mask()
                        | S2_PTW.mask()
                        | S2_R.mask();
        return new StreamEntry(V.mask() | CONFIG.of(STAGE2), w1, w2, S2_TTB.inPlace(table.root()));
    }

    /// A guest's stage 1 over this stage 2 entry, as a nesting host writes it: the guest's two
    /// words are taken over, Config becomes 7, and events of one kind are merged so that the guest
    /// cannot flood the Event queue.
    ///
    /// @param guestW0 validated STE bits 63:0 of the guest
    /// @param guestW1 validated STE bits 127:64 of the guest, EATS aside
    public StreamEntry nested(long guestW0, long guestW1) {
        long nestedW0 = CONFIG.set(guestW0, NESTED) | V.mask();
        return new StreamEntry(nestedW0, w1 | guestW1 | MEV.mask(), w2, w3);
    }

    /// Whether only V and Config (and SHCFG) count.
    boolean isSimple() {
        return !V.isSet(w0) || CONFIG.get(w0) == ABORT || CONFIG.get(w0) == BYPASS;
    }

    /// Masks of what the SMMU looks at: what may not change under it while V = 1. MEV is left out:
    /// it may change at any time without harm.
    StreamEntry used() {
        int config = CONFIG.getInt(w0);
        if (!V.isSet(w0)) {
            return new StreamEntry(V.mask(), 0, 0, 0);
        }
        long u0 = V.mask() | CONFIG.mask();
        long u1 = config == BYPASS ? SHCFG.mask() : 0;
        long u2 = 0;
        long u3 = 0;
        if (config == STAGE1 || config == NESTED) {
            u0 |= S1_FMT.mask() | S1_CONTEXT_PTR.mask() | S1_CD_MAX.mask();
            u1 |= S1_ATTRIBUTES | S1_STALLD.mask() | STRW.mask() | EATS.mask();
            u2 |= S2_VMID.mask();
        }
        if (config == STAGE2 || config == NESTED) {
            u1 |= S2_FWB.mask() | EATS.mask() | SHCFG.mask();
            u2 = -1;
            u3 = S2_TTB.mask();
        }
        return new StreamEntry(u0, u1, u2, u3);
    }

    long word(int index) {
        return switch (index) {
            case 0 -> w0;
            case 1 -> w1;
            case 2 -> w2;
            case 3 -> w3;
            default -> 0;
        };
    }
}
