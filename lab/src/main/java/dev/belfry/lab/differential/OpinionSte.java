package dev.belfry.lab.differential;

import dev.belfry.lab.differential.OpinionConfig.Stage2;
import dev.belfry.model.bits.Bits;
import dev.belfry.model.smmu.SmmuIdentity;
import dev.belfry.model.smmu.spec.Ste;
import org.jspecify.annotations.Nullable;

/// What makes an STE that translates ILLEGAL (IHI 0070 5.2, 5.2.2).
final class OpinionSte {

    private static final int STAGE_1 = 1;
    private static final int STAGE_2 = 2;
    private static final int LEAST_INPUT_BITS = 25;
    private static final int MOST_TABLE_BITS = 48;

    private final SmmuIdentity id;
    private final Quirks quirks;

    OpinionSte(SmmuIdentity id, Quirks quirks) {
        this.id = id;
        this.quirks = quirks;
    }

    /// Whether nothing is wrong with the fields of stage 1.
    boolean stage1(long w0, long w1, int config) {
        boolean on = (config & STAGE_1) != 0;
        if (on && !id.stage1()) {
            return false;
        }
        if (Ste.S1STALLD.isSet(w1) && (on || quirks.take(Quirk.S1STALLD_NOT_IGNORED))) {
            return false;
        }
        return !Ste.S1CDMAX.isSet(w0) || !quirks.take(Quirk.S1CDMAX_NOT_IGNORED);
    }

    /// Stage 2; null when it is wrong.
    @Nullable Stage2 stage2(long w0, long w1, long w2, long w3) {
        if ((Ste.CONFIG.getInt(w0) & STAGE_2) == 0) {
            return Stage2.NONE;
        }
        int granule = granule(Ste.S2TG.getInt(w2));
        boolean updates = Ste.S2HA.isSet(w2) || Ste.S2HD.isSet(w2);
        if (!id.stage2() || !Ste.S2AA64.isSet(w2) || granule == 0) {
            return null;
        }
        if (Ste.S2S.isSet(w2) || Ste.S2ENDI.isSet(w2)) {
            return null;
        }
        if (updates && !quirks.take(Quirk.S2_HARDWARE_UPDATE_IGNORED)) {
            return null;
        }
        int ps = Math.min(OpinionConfigs.bits(Ste.S2PS.getInt(w2)), id.oas());
        int input = 64 - Ste.S2T0SZ.getInt(w2);
        long ttb = Ste.S2TTB.inPlace(w3);
        if (!Bits.fits(ttb, MOST_TABLE_BITS) && quirks.take(Quirk.S2TTB_CUT_TO_48_BITS)) {
            ttb &= Bits.lowMask(MOST_TABLE_BITS);
        }
        if (!Bits.fits(ttb, Math.min(MOST_TABLE_BITS, ps)) || !fits(input, granule, ps)) {
            return null;
        }
        int sl0 = Ste.S2SL0.getInt(w2);
        int level = (granule == 12 ? 2 : 3) - sl0;
        if (sl0 == 3 || !reaches(granule, level, input)) {
            return null;
        }
        return new Stage2(
                true,
                granule,
                input,
                level,
                ps,
                ttb,
                Ste.S2AFFD.isSet(w2),
                Ste.S2R.isSet(w2),
                Ste.S2PTW.isSet(w2));
    }

    private static int granule(int tg) {
        return tg == 0 ? 12 : tg == 1 ? 16 : tg == 2 ? 14 : 0;
    }

    private boolean fits(int input, int granule, int ps) {
        int most = Math.min(granule == 16 ? 52 : MOST_TABLE_BITS, id.ias());
        if (input < LEAST_INPUT_BITS || input > most) {
            return false;
        }
        return input <= ps || !quirks.take(Quirk.S2T0SZ_LIMITED_BY_S2PS);
    }

    /// Whether the start level's tables hold the input: no more than 16, and no less than an entry
    /// to tell apart.
    private boolean reaches(int granule, int level, int input) {
        int index = input - granule - (3 - level) * (granule - 3);
        return index <= granule - 3 + 4 && (index >= 1 || quirks.take(Quirk.S2SL0_ABOVE_THE_INPUT));
    }
}
