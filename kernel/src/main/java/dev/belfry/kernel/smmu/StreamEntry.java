package dev.belfry.kernel.smmu;

import dev.belfry.kernel.iopgtable.Geometry;
import dev.belfry.kernel.iopgtable.IoPageTable;
import dev.belfry.model.smmu.spec.AddressSize;
import dev.belfry.model.smmu.spec.Ste;

/// A stream table entry's first four words (IHI 0070 5.2); the other four are zero.
///
/// @param w0 bits 63:0: Ste.V, Config, stage 1 context
/// @param w1 bits 127:64: attributes
/// @param w2 bits 191:128: VMID, stage 2 geometry
/// @param w3 bits 255:192: S2TTB
public record StreamEntry(long w0, long w1, long w2, long w3) {

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
    /// @param el2 the stream belongs to EL2 (Ste.STRW)
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
        return new StreamEntry(
                Ste.V.mask() | Ste.CONFIG.of(config), Ste.SHCFG.of(SHCFG_INCOMING), 0, 0);
    }

    /// Stage 1 through the CDs of `table`.
    public static StreamEntry stage1(CdTable table, Stage1Options options) {
        long w0 =
                Ste.V.mask()
                        | Ste.CONFIG.of(STAGE1)
                        | Ste.S1FMT.of(table.s1Fmt())
                        | Ste.S1CONTEXTPTR.inPlace(table.base())
                        | Ste.S1CDMAX.of(table.ssidBits());
        long w1 =
                Ste.S1DSS.of(DSS_SSID0)
                        | Ste.S1CIR.of(WRITE_BACK)
                        | Ste.S1COR.of(WRITE_BACK)
                        | Ste.S1CSH.of(INNER_SHAREABLE)
                        | Ste.S1STALLD.of(options.noStall ? 1 : 0)
                        | Ste.EATS.of(options.ats ? EATS_FULL : 0)
                        | Ste.STRW.of(options.el2 ? STRW_EL2 : 0);
        return new StreamEntry(w0, w1, 0, 0);
    }

    /// This entry with another fate of what has no SubstreamID (STE.S1DSS).
    StreamEntry withoutSubstream(int dss) {
        return new StreamEntry(w0, Ste.S1DSS.set(w1, dss), w2, w3);
    }

    /// Stage 2 through `table`.
    ///
    /// @param vmid VMID
    /// @param ats ATS is enabled
    public static StreamEntry stage2(IoPageTable table, int vmid, boolean ats) {
        Geometry geometry = table.geometry();
        long w1 = Ste.EATS.of(ats ? EATS_FULL : 0) | Ste.S2FWB.of(table.config().fwb() ? 1 : 0);
        long w2 =
                Ste.S2VMID.of(vmid)
                        | Ste.S2T0SZ.of(64 - geometry.inputBits())
                        | Ste.S2SL0.of(geometry.sl0())
                        | Ste.S2IR0.of(WRITE_BACK)
                        | Ste.S2OR0.of(WRITE_BACK)
                        | Ste.S2SH0.of(INNER_SHAREABLE)
                        | Ste.S2TG.of(geometry.granule().tg0())
                        | Ste.S2PS.of(AddressSize.code(table.config().outputBits()))
                        | Ste.S2AA64.mask()
                        | Ste.S2PTW.mask()
                        | Ste.S2R.mask();
        return new StreamEntry(
                Ste.V.mask() | Ste.CONFIG.of(STAGE2), w1, w2, Ste.S2TTB.inPlace(table.root()));
    }

    /// A guest's stage 1 over this stage 2 entry, as a nesting host writes it: the guest's two
    /// words are taken over, Config becomes 7, and events of one kind are merged so that the guest
    /// cannot flood the Event queue.
    ///
    /// @param guestW0 validated STE bits 63:0 of the guest
    /// @param guestW1 validated STE bits 127:64 of the guest, Ste.EATS aside
    public StreamEntry nested(long guestW0, long guestW1) {
        long nestedW0 = Ste.CONFIG.set(guestW0, NESTED) | Ste.V.mask();
        return new StreamEntry(nestedW0, w1 | guestW1 | Ste.MEV.mask(), w2, w3);
    }

    /// Whether only Ste.V and Config (and Ste.SHCFG) count.
    boolean isSimple() {
        return !Ste.V.isSet(w0) || Ste.CONFIG.get(w0) == ABORT || Ste.CONFIG.get(w0) == BYPASS;
    }

    /// This entry with another Ste.SHCFG.
    ///
    /// @param shcfg in place
    StreamEntry withShareability(long shcfg) {
        return new StreamEntry(w0, (w1 & ~Ste.SHCFG.mask()) | shcfg, w2, w3);
    }

    /// The eight words, without bits that the SMMU does not look at: Linux leaves those 0.
    long[] onlyUsed() {
        long[] all = new long[EntryWriter.WORDS];
        long[] used = new long[EntryWriter.WORDS];
        for (int i = 0; i < all.length; i++) {
            all[i] = word(i);
        }
        for (int i = 0; i < all.length; i++) {
            used[i] = all[i] & UsedBits.STE.used(all, i);
        }
        return used;
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
