package dev.belfry.model.smmu;

import dev.belfry.model.bits.Bits;
import dev.belfry.model.bits.Field;
import dev.belfry.model.smmu.StreamConfig.World;
import dev.belfry.model.smmu.spec.AddressSize;
import dev.belfry.model.smmu.spec.Cd;
import dev.belfry.model.smmu.spec.SmmuRegister.Idr0;
import dev.belfry.model.smmu.spec.SmmuRegister.Idr3;
import dev.belfry.model.smmu.spec.SmmuRegister.Idr5;
import dev.belfry.model.smmu.spec.Ste;

/// The validity of a CD and its meaning: CdIllegal() of IHI 0070 5.4.2, in its order, for
/// Non-secure streams and VMSAv8-64 tables.
final class CdDecoder {

    private CdDecoder() {}

    static ContextConfig decode(Cd cd, StreamConfig stream, SmmuIdentity id) {
        World world = stream.world();
        boolean use0 = !(world.twoPrivileges && Cd.EPD0.isSet(cd.w0()));
        boolean use1 = world.twoPrivileges && !Cd.EPD1.isSet(cd.w0());
        String bad = check(cd, stream, id, use0 || use1);
        TableConfig lower = use0 ? table(cd, id, false) : TableConfig.disabled(tbi(cd, false));
        TableConfig upper = use1 ? table(cd, id, true) : TableConfig.disabled(tbi(cd, true));
        if (bad.isEmpty() && use0) {
            bad = checkTable(lower, cd.ttb0(), Cd.T0SZ.getInt(cd.w0()), id, "0");
        }
        if (bad.isEmpty() && use1) {
            bad = checkTable(upper, cd.ttb1(), Cd.T1SZ.getInt(cd.w0()), id, "1");
        }
        if (!bad.isEmpty()) {
            return ContextConfig.illegal(cd, bad);
        }
        return new ContextConfig(
                true,
                "CD.V = 1 and no field is ILLEGAL (IHI 0070 5.4.2)",
                cd,
                lower,
                upper,
                world.twoPrivileges ? cd.asid() : -1,
                Cd.A.isSet(cd.w0()) || id.has0(Idr0.TERM_MODEL),
                Cd.R.isSet(cd.w0()),
                Cd.S.isSet(cd.w0()),
                Cd.WXN.isSet(cd.w0()),
                world.twoPrivileges && Cd.PAN.isSet(cd.w0()));
    }

    private static String check(Cd cd, StreamConfig stream, SmmuIdentity id, boolean anyTable) {
        long w0 = cd.w0();
        boolean stall = Cd.S.isSet(w0);
        if (!cd.valid()) {
            return "CD.V = 0: C_BAD_CD (IHI 0070 5.4)";
        }
        if (Ste.S1STALLD.isSet(stream.ste().w1()) && stall) {
            return "CD.S = 1 under STE.S1STALLD = 1: C_BAD_CD (IHI 0070 5.5)";
        }
        if (id.has0(Idr0.TERM_MODEL) && !Cd.A.isSet(w0)) {
            return "CD.A = 0, IDR0.TERM_MODEL = 1: C_BAD_CD (IHI 0070 5.5)";
        }
        if ((id.stallModel() == 1 && stall) || (id.stallModel() == 2 && !stall)) {
            return "CD.S is not what IDR0.STALL_MODEL allows: C_BAD_CD (IHI 0070 5.5)";
        }
        int endian = Idr0.TTENDIAN.getInt(id.idr0());
        boolean big = Cd.ENDI.isSet(w0);
        if (anyTable && ((endian == 2 && big) || (endian == 3 && !big))) {
            return "CD.ENDI is not in IDR0.TTENDIAN: C_BAD_CD (IHI 0070 5.4)";
        }
        if (!Cd.AA64.isSet(w0)) {
            return "CD.AA64 = 0, VMSAv8-32 tables are not implemented: C_BAD_CD (IHI 0070 5.4)";
        }
        if (!id.aarch64Tables()) {
            return "CD.AA64 = 1, IDR0.TTF[1] = 0: C_BAD_CD (IHI 0070 5.4)";
        }
        boolean ha = Cd.HA.isSet(w0);
        boolean hd = Cd.HD.isSet(w0);
        if (((ha || hd) && id.httu() == 0) || (hd && id.httu() == 1)) {
            return "CD.HA or HD without IDR0.HTTU for it: C_BAD_CD (IHI 0070 5.4)";
        }
        if (stream.world().twoPrivileges && !id.has0(Idr0.ASID16) && cd.asid() > 0xff) {
            return "CD.ASID needs 16 bits, IDR0.ASID16 = 0: C_BAD_CD (IHI 0070 5.4)";
        }
        return "";
    }

    private static String checkTable(
            TableConfig table, long ttb, int txsz, SmmuIdentity id, String which) {
        int granule = table.granuleBits();
        int min = granule == 16 && Idr5.VAX.getInt(id.idr5()) >= 1 ? 12 : 16;
        if (txsz < min || txsz > SteDecoder.maxTxSz(id, granule)) {
            return "CD.T" + which + "SZ is out of range: C_BAD_CD (IHI 0070 5.4)";
        }
        if (!id.granule(granule)) {
            return "CD.TG" + which + " is Reserved or not in IDR5: C_BAD_CD (IHI 0070 5.4)";
        }
        int bits = granule == 16 ? table.outputBits() : Math.min(48, table.outputBits());
        if (!Bits.fits(ttb, bits)) {
            return "CD.TTB" + which + " is beyond the effective IPS: C_BAD_CD (IHI 0070 5.4)";
        }
        return "";
    }

    private static TableConfig table(Cd cd, SmmuIdentity id, boolean upper) {
        long w0 = cd.w0();
        int granule = upper ? granule1(Cd.TG1.getInt(w0)) : granule0(Cd.TG0.getInt(w0));
        int inputBits = 64 - (upper ? Cd.T1SZ : Cd.T0SZ).getInt(w0);
        if (granule == 0) {
            return TableConfig.disabled(false).withGranule(0);
        }
        int level = TableConfig.stage1StartLevel(granule, inputBits);
        int output = Math.min(AddressSize.bits(Cd.IPS.getInt(w0)), id.oas());
        Field had = upper ? Cd.HAD1 : Cd.HAD0;
        return new TableConfig(
                true,
                TableConfig.align(upper ? cd.ttb1() : cd.ttb0(), granule, inputBits, level, output),
                granule,
                inputBits,
                level,
                output,
                TableConfig.lpa(granule, id.oas()),
                TableConfig.minBlockLevel(granule, id.oas()),
                Cd.AFFD.isSet(w0),
                Cd.HA.isSet(w0),
                Cd.HA.isSet(w0) && Cd.HD.isSet(w0),
                id.has3(Idr3.HAD) && had.isSet(upper ? cd.w2() : cd.w1()),
                tbi(cd, upper));
    }

    private static boolean tbi(Cd cd, boolean upper) {
        return (upper ? Cd.TBI1 : Cd.TBI0).isSet(cd.w0());
    }

    private static int granule0(int tg0) {
        return switch (tg0) {
            case 0 -> 12;
            case 1 -> 16;
            case 2 -> 14;
            default -> 0;
        };
    }

    private static int granule1(int tg1) {
        return switch (tg1) {
            case 1 -> 14;
            case 2 -> 12;
            case 3 -> 16;
            default -> 0;
        };
    }
}
