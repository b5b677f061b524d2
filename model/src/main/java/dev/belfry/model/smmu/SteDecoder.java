package dev.belfry.model.smmu;

import dev.belfry.model.bits.Bits;
import dev.belfry.model.smmu.StreamConfig.Kind;
import dev.belfry.model.smmu.StreamConfig.World;
import dev.belfry.model.smmu.spec.AddressSize;
import dev.belfry.model.smmu.spec.SmmuRegister.Idr0;
import dev.belfry.model.smmu.spec.SmmuRegister.Idr3;
import dev.belfry.model.smmu.spec.Ste;

/// The validity of an STE and its meaning: SteIllegal() of IHI 0070 5.2.2, step by step and in its
/// order, for Non-secure STEs and VMSAv8-64 tables.
final class SteDecoder {

    private SteDecoder() {}

    /// Decodes `ste`.
    ///
    /// @param e2h CR2.E2H
    static StreamConfig decode(Ste ste, SmmuIdentity id, boolean e2h) {
        if (!ste.valid()) {
            return illegal(ste, "STE.V = 0: C_BAD_STE (IHI 0070 5.2)");
        }
        Ste.Config config = ste.config();
        if (config == Ste.Config.ABORT) {
            return StreamConfig.plain(
                    Kind.ABORT,
                    "STE.Config = 0b0xx: terminated without an event (IHI 0070 5.2)",
                    ste);
        }
        boolean s1 = config.stage1();
        boolean s2 = config.stage2();
        if (s1 && !id.stage1()) {
            return illegal(
                    ste, "STE.Config enables stage 1, IDR0.S1P = 0: C_BAD_STE (IHI 0070 5.2.2)");
        }
        if (s2 && !id.stage2()) {
            return illegal(
                    ste, "STE.Config enables stage 2, IDR0.S2P = 0: C_BAD_STE (IHI 0070 5.2.2)");
        }
        String bad = checkEats(ste, id, config);
        if (bad.isEmpty()) {
            bad = s1 ? checkStage1(ste, id, s2) : "";
        }
        // STRW is RES0 without Hyp, IGNORED with stage 2 or without stage 1.
        boolean strwUsed = id.stage1() && id.has0(Idr0.HYP) && config == Ste.Config.S1;
        int strw = strwUsed ? Ste.STRW.getInt(ste.w1()) : 0;
        if (bad.isEmpty() && (strw & 1) != 0) {
            bad = "STE.STRW = 0bx1 is Reserved: C_BAD_STE (IHI 0070 5.2)";
        }
        World world = strw == 0 ? World.EL1 : e2h ? World.EL2_E2H : World.EL2;
        TableConfig table = s2 ? stage2Table(ste, id) : TableConfig.disabled(false);
        if (bad.isEmpty() && s2) {
            bad = checkStage2(ste, id, table);
        }
        boolean vmidUsed = id.stage2() && config != Ste.Config.BYPASS && world == World.EL1;
        int vmid = vmidUsed ? Ste.S2VMID.getInt(ste.w2()) : 0;
        if (bad.isEmpty() && !id.has0(Idr0.VMID16) && vmid > 0xff) {
            bad = "STE.S2VMID needs 16 bits, IDR0.VMID16 = 0: C_BAD_STE (IHI 0070 5.2)";
        }
        if (!bad.isEmpty()) {
            return illegal(ste, bad);
        }
        if (config == Ste.Config.BYPASS) {
            return StreamConfig.plain(
                    Kind.BYPASS, "STE.Config = 0b100: both stages bypassed (IHI 0070 5.2)", ste);
        }
        return translate(ste, id, world, vmid, table);
    }

    private static StreamConfig translate(
            Ste ste, SmmuIdentity id, World world, int vmid, TableConfig table) {
        boolean s1 = ste.config().stage1();
        boolean s2 = ste.config().stage2();
        // S1CDMax, S1Fmt and S1DSS are IGNORED without substreams.
        int cdMax = s1 && id.ssidSize() > 0 ? Ste.S1CDMAX.getInt(ste.w0()) : 0;
        int format = cdMax > 0 ? Ste.S1FMT.getInt(ste.w0()) : 0;
        int dss = Ste.S1DSS.getInt(ste.w1());
        int eats = id.has0(Idr0.ATS) ? Ste.EATS.getInt(ste.w1()) : 0;
        return new StreamConfig(
                Kind.TRANSLATE,
                s1 && s2
                        ? "STE.Config = 0b111: stage 1, then stage 2 (IHI 0070 5.2)"
                        : s1
                                ? "STE.Config = 0b101: stage 1 (IHI 0070 5.2)"
                                : "STE.Config = 0b110: stage 2 (IHI 0070 5.2)",
                ste,
                world,
                vmid,
                s1,
                cdMax,
                format == 3 ? 0 : format,
                cdMax == 0 || dss == 3 ? 0 : dss,
                s2,
                table,
                s2 && Ste.S2S.isSet(ste.w2()),
                s2 && Ste.S2R.isSet(ste.w2()),
                s1 && s2 && Ste.S2PTW.isSet(ste.w2()),
                s2 && id.has3(Idr3.FWB) && Ste.S2FWB.isSet(ste.w1()),
                eats == 3 ? 0 : eats);
    }

    private static String checkEats(Ste ste, SmmuIdentity id, Ste.Config config) {
        if (!id.has0(Idr0.ATS) || config == Ste.Config.BYPASS) {
            return "";
        }
        boolean stall = Ste.S2S.isSet(ste.w2());
        int eats = Ste.EATS.getInt(ste.w1());
        if (eats == 2 && (config != Ste.Config.NESTED || stall || id.has0(Idr0.NS1ATS))) {
            return "STE.EATS = 0b10 needs Config = 0b111, S2S = 0 and IDR0.NS1ATS = 0: C_BAD_STE"
                    + " (IHI 0070 5.2)";
        }
        if (eats == 1 && stall && config.stage2()) {
            return "STE.EATS = 0b01 with S2S = 1: C_BAD_STE (IHI 0070 5.2)";
        }
        return "";
    }

    private static String checkStage1(Ste ste, SmmuIdentity id, boolean s2) {
        if (Ste.S1STALLD.isSet(ste.w1()) && id.stallModel() != 0) {
            return "STE.S1STALLD = 1, IDR0.STALL_MODEL != 0: C_BAD_STE (IHI 0070 5.2)";
        }
        int cdMax = Ste.S1CDMAX.getInt(ste.w0());
        if (id.ssidSize() > 0) {
            if (cdMax > id.ssidSize()) {
                return "STE.S1CDMax > IDR1.SSIDSIZE: C_BAD_STE (IHI 0070 5.2)";
            }
            int format = Ste.S1FMT.getInt(ste.w0());
            if (cdMax != 0 && !id.has0(Idr0.CD2L) && (format == 1 || format == 2)) {
                return "STE.S1Fmt is 2-level, IDR0.CD2L = 0: C_BAD_STE (IHI 0070 5.2)";
            }
        }
        int range = s2 ? id.ias() : id.oas();
        if (!Bits.fits(ste.s1ContextPtr(), range)) {
            return "STE.S1ContextPtr is beyond " + range + " bits: C_BAD_STE (IHI 0070 3.4.3)";
        }
        return "";
    }

    private static String checkStage2(Ste ste, SmmuIdentity id, TableConfig table) {
        long w2 = ste.w2();
        boolean stall = Ste.S2S.isSet(w2);
        if (stall && id.stallModel() == 1) {
            return "STE.S2S = 1, IDR0.STALL_MODEL = 0b01: C_BAD_STE (IHI 0070 5.5)";
        }
        if (!stall && id.stallModel() == 2) {
            return "STE.S2S = 0, IDR0.STALL_MODEL = 0b10: C_BAD_STE (IHI 0070 5.5)";
        }
        if (!Ste.S2AA64.isSet(w2)) {
            return "STE.S2AA64 = 0, VMSAv8-32 tables are not implemented: C_BAD_STE (IHI 0070 5.2)";
        }
        if (!id.aarch64Tables()) {
            return "STE.S2AA64 = 1, IDR0.TTF[1] = 0: C_BAD_STE (IHI 0070 5.2)";
        }
        boolean ha = Ste.S2HA.isSet(w2);
        boolean hd = Ste.S2HD.isSet(w2);
        if (((ha || hd) && id.httu() == 0) || (hd && id.httu() == 1)) {
            return "STE.S2HA or S2HD without IDR0.HTTU for it: C_BAD_STE (IHI 0070 5.2)";
        }
        if (!id.granule(table.granuleBits())) {
            return "STE.S2TG is Reserved or not in IDR5: C_BAD_STE (IHI 0070 5.2)";
        }
        int ttbBits =
                table.granuleBits() == 16 ? table.outputBits() : Math.min(48, table.outputBits());
        if (!Bits.fits(ste.s2ttb(), ttbBits)) {
            return "STE.S2TTB is beyond the effective S2PS: C_BAD_STE (IHI 0070 5.2)";
        }
        int t0sz = Ste.S2T0SZ.getInt(w2);
        int min = Math.max(table.granuleBits() == 16 ? 12 : 16, 64 - id.ias());
        if (t0sz < min || t0sz > maxTxSz(id, table.granuleBits())) {
            return "STE.S2T0SZ is out of range: C_BAD_STE (IHI 0070 5.2)";
        }
        if (!startLevelFits(table)) {
            return "STE.S2SL0 does not fit S2T0SZ and S2TG: C_BAD_STE (IHI 0070 5.2)";
        }
        int endian = Idr0.TTENDIAN.getInt(id.idr0());
        boolean big = Ste.S2ENDI.isSet(w2);
        if ((endian == 2 && big) || (endian == 3 && !big)) {
            return "STE.S2ENDI is not in IDR0.TTENDIAN: C_BAD_STE (IHI 0070 5.2)";
        }
        return "";
    }

    /// STT allows 48, and 47 with 64 KiB granules (5.2.2, 5.4.2).
    static int maxTxSz(SmmuIdentity id, int granuleBits) {
        return !id.has3(Idr3.STT) ? 39 : granuleBits == 16 ? 47 : 48;
    }

    /// At least one index bit, and at most 16 concatenated tables, at the start level (Arm ARM
    /// D8.2).
    private static boolean startLevelFits(TableConfig table) {
        if (table.startLevel() < 0) {
            return false;
        }
        int index = table.inputBits() - table.shift(table.startLevel());
        return index >= 1 && index <= table.stride() + 4;
    }

    /// The table as the fields say; a start level of -1 stands for a Reserved encoding.
    private static TableConfig stage2Table(Ste ste, SmmuIdentity id) {
        long w2 = ste.w2();
        int granule =
                switch (Ste.S2TG.getInt(w2)) {
                    case 0 -> 12;
                    case 1 -> 16;
                    case 2 -> 14;
                    default -> 0;
                };
        if (granule == 0) {
            return TableConfig.disabled(false).withGranule(0);
        }
        int level = startLevel(granule, Ste.S2SL0.getInt(w2), id);
        int inputBits = 64 - Ste.S2T0SZ.getInt(w2);
        int output = Math.min(AddressSize.bits(Ste.S2PS.getInt(w2)), id.oas());
        return new TableConfig(
                true,
                level < 0 ? 0 : TableConfig.align(ste.s2ttb(), granule, inputBits, level, output),
                granule,
                inputBits,
                level,
                output,
                TableConfig.lpa(granule, id.oas()),
                TableConfig.minBlockLevel(granule, id.oas()),
                Ste.S2AFFD.isSet(w2),
                Ste.S2HA.isSet(w2),
                Ste.S2HA.isSet(w2) && Ste.S2HD.isSet(w2),
                false,
                false);
    }

    private static int startLevel(int granule, int sl0, SmmuIdentity id) {
        if (granule == 12) {
            // Level 3 needs small translation tables.
            return sl0 == 3 ? (id.has3(Idr3.STT) ? 3 : -1) : 2 - sl0;
        }
        return sl0 == 3 ? -1 : 3 - sl0;
    }

    private static StreamConfig illegal(Ste ste, String rule) {
        return StreamConfig.plain(Kind.ILLEGAL, rule, ste);
    }
}
