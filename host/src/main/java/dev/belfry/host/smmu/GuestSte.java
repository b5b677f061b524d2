package dev.belfry.host.smmu;

import dev.belfry.host.uapi.Errno;
import dev.belfry.host.uapi.Result;
import dev.belfry.model.bits.Field;
import dev.belfry.model.bits.Hex;
import dev.belfry.model.smmu.spec.Ste;

/// The two words of a guest's STE that a nested domain is made of, checked
/// (`arm_smmu_validate_vste`).
///
/// @param w0 bits 63:0; 0 when V = 0
/// @param w1 bits 127:64 without EATS; 0 when V = 0
/// @param fate what the STE says
/// @param ats the guest wants ATS: EATS = 1 in a stage 1 STE
record GuestSte(long w0, long w1, Fate fate, boolean ats) {

    /// What a guest's STE can say.
    enum Fate {
        ABORT,
        BYPASS,
        STAGE1
    }

    /// `STRTAB_STE_0_NESTING_ALLOWED`.
    static final long ALLOWED_0 = 0xf80f_ffff_ffff_ffffL;

    /// `STRTAB_STE_1_NESTING_ALLOWED`.
    static final long ALLOWED_1 = Field.bits(7, 0).mask() | Ste.S1STALLD.mask() | Ste.EATS.mask();

    private static final int CONFIG_ABORT = 0;
    private static final int CONFIG_BYPASS = 4;
    private static final int CONFIG_S1 = 5;
    private static final int EATS_FULL = 1;

    private static final GuestSte INVALID = new GuestSte(0, 0, Fate.ABORT, false);

    /// @return `EIO` for anything that is not allowed: EIO means nothing else
    static Result<GuestSte> of(long w0, long w1) {
        if (!Ste.V.isSet(w0)) {
            return Result.ok(INVALID);
        }
        if ((w0 & ~ALLOWED_0) != 0 || (w1 & ~ALLOWED_1) != 0) {
            return refused(
                    "STE bits that a guest may not set: "
                            + Hex.of(w0 & ~ALLOWED_0)
                            + " of word 0, "
                            + Hex.of(w1 & ~ALLOWED_1)
                            + " of word 1");
        }
        int eats = Ste.EATS.getInt(w1);
        if (eats > EATS_FULL) {
            return refused("STE.EATS is " + eats + ", only 0 and 1 are allowed");
        }
        long rest = Ste.EATS.set(w1, 0);
        return switch (Ste.CONFIG.getInt(w0)) {
            case CONFIG_ABORT -> Result.ok(new GuestSte(w0, rest, Fate.ABORT, false));
            case CONFIG_BYPASS -> Result.ok(new GuestSte(w0, rest, Fate.BYPASS, false));
            case CONFIG_S1 -> Result.ok(new GuestSte(w0, rest, Fate.STAGE1, eats == EATS_FULL));
            default ->
                    refused(
                            "STE.Config is "
                                    + Ste.CONFIG.getInt(w0)
                                    + ", only 0, 4 and 5 are allowed");
        };
    }

    private static Result<GuestSte> refused(String why) {
        return Result.err(Errno.EIO, why);
    }
}
