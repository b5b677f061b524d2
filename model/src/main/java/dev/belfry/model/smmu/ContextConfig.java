package dev.belfry.model.smmu;

import dev.belfry.model.smmu.spec.Cd;

/// What a CD means under its STE: computed by [CdDecoder], no memory is read for it.
///
/// @param legal false for C_BAD_CD
/// @param rule why, with the clause
/// @param cd the words it comes from
/// @param lower table of the lower half
/// @param upper table of the upper half; disabled where the regime has none
/// @param asid tag of non-global entries; -1 where the regime has none
/// @param abort CD.A: faults abort; else RAZ/WI
/// @param record CD.R
/// @param stall CD.S
/// @param wxn CD.WXN
/// @param pan CD.PAN
record ContextConfig(
        boolean legal,
        String rule,
        Cd cd,
        TableConfig lower,
        TableConfig upper,
        int asid,
        boolean abort,
        boolean record,
        boolean stall,
        boolean wxn,
        boolean pan) {

    static ContextConfig illegal(Cd cd, String rule) {
        TableConfig none = TableConfig.disabled(false);
        return new ContextConfig(false, rule, cd, none, none, -1, true, true, false, false, false);
    }
}
