package dev.belfry.kernel.smmu;

import dev.belfry.model.bits.Field;
import dev.belfry.model.smmu.spec.Cd;
import dev.belfry.model.smmu.spec.Ste;

/// What the SMMU looks at in an entry, field by field (IHI 0070 5.2, 5.4, and 13.5 for SHCFG), as
/// `arm_smmu_get_ste_used`, `arm_smmu_get_ste_update_safe` and `arm_smmu_get_cd_used` tell it.
enum UsedBits implements EntryWriter.Kind {
    /// A stream table entry.
    STE {
        @Override
        public long used(long[] ste, int i) {
            if (!Ste.V.isSet(ste[0])) {
                return i == 0 ? Ste.V.mask() : 0;
            }
            int config = Ste.CONFIG.getInt(ste[0]);
            boolean translates = (config & BYPASS) != 0;
            long used = 0;
            if (translates && (config & STAGE1) != 0) {
                used |= stage1(ste, i);
            }
            if (translates && (config & STAGE2) != 0) {
                used |= stage2(i);
            }
            if (config == BYPASS && i == 1) {
                used |= Ste.SHCFG.mask();
            }
            return i == 0 ? used | Ste.V.mask() | Ste.CONFIG.mask() : used;
        }

        // ATS is off at the device whenever EATS changes, and MEV counts for nothing but how many
        // events are merged. S2S with EATS = 1 would be illegal for a moment.
        @Override
        public long safe(long[] current, long[] target, int i) {
            if (i != 1) {
                return 0;
            }
            long eats = current[1] | target[1];
            boolean s2s = Ste.S2S.isSet(current[2] | target[2]);
            boolean split = (Ste.EATS.get(eats) & EATS_S1CHK) != 0;
            return Ste.MEV.mask() | (s2s || split ? 0 : Ste.EATS.of(EATS_TRANS));
        }
    },
    /// A context descriptor.
    CD {
        @Override
        public long used(long[] cd, int i) {
            if (!Cd.V.isSet(cd[0])) {
                return i == 0 ? Cd.V.mask() : 0;
            }
            boolean table = !Cd.EPD0.isSet(cd[0]);
            if (i == 0 && !table) {
                return ~(Cd.T0SZ.mask()
                        | Cd.TG0.mask()
                        | Cd.IR0.mask()
                        | Cd.OR0.mask()
                        | Cd.SH0.mask());
            }
            return i == 1 && !table ? ~Cd.TTB0.mask() : -1;
        }
    };

    private static final int STAGE1 = 1;
    private static final int STAGE2 = 2;
    private static final int BYPASS = 4;
    private static final int DSS_BYPASS = 1;
    private static final int EATS_TRANS = 1;
    private static final int EATS_S1CHK = 2;

    /// Word 2, bits 50:32: geometry and attributes of the stage 2 tables.
    private static final long VTCR = Field.bits(50, 32).mask();

    private static long stage1(long[] ste, int i) {
        return switch (i) {
            case 0 -> Ste.S1FMT.mask() | Ste.S1CONTEXTPTR.mask() | Ste.S1CDMAX.mask();
            case 1 -> {
                boolean passes = Ste.S1DSS.get(ste[1]) == DSS_BYPASS;
                yield Ste.S1DSS.mask()
                        | Ste.S1CIR.mask()
                        | Ste.S1COR.mask()
                        | Ste.S1CSH.mask()
                        | Ste.S1STALLD.mask()
                        | Ste.STRW.mask()
                        | Ste.EATS.mask()
                        | Ste.MEV.mask()
                        | (passes ? Ste.SHCFG.mask() : 0);
            }
            case 2 -> Ste.S2VMID.mask();
            default -> 0;
        };
    }

    private static long stage2(int i) {
        return switch (i) {
            case 1 -> Ste.S2FWB.mask() | Ste.EATS.mask() | Ste.SHCFG.mask() | Ste.MEV.mask();
            case 2 ->
                    Ste.S2VMID.mask()
                            | VTCR
                            | Ste.S2AA64.mask()
                            | Ste.S2ENDI.mask()
                            | Ste.S2PTW.mask()
                            | Ste.S2S.mask()
                            | Ste.S2R.mask();
            case 3 -> Ste.S2TTB.mask();
            default -> 0;
        };
    }
}
