package dev.belfry.model.smmu;

import dev.belfry.model.smmu.spec.Ste;

/// What an STE means to an SMMU of a given identity: one value, computed by [SteDecoder] from the
/// STE's words, the identity and CR2.E2H only.
///
/// @param kind what happens to transactions
/// @param rule why, with the clause
/// @param ste the words it comes from
/// @param world which translation regime
/// @param vmid tag of TLB entries; 0 where none is used
/// @param stage1 whether stage 1 translates
/// @param cdMax effective S1CDMax: log2 of the number of CDs, 0 for one and no substreams
/// @param cdFormat effective S1Fmt: 0 linear, 1 4 KiB leaves, 2 64 KiB leaves
/// @param dss effective S1DSS: 0 terminate, 1 bypass stage 1, 2 use CD 0
/// @param stage2 whether stage 2 translates
/// @param table stage 2's table; that of no meaning when stage 2 does not translate
/// @param stall STE.S2S
/// @param record STE.S2R
/// @param protectTables STE.S2PTW
/// @param forceWriteBack effective STE.S2FWB
/// @param eats effective STE.EATS
record StreamConfig(
        Kind kind,
        String rule,
        Ste ste,
        World world,
        int vmid,
        boolean stage1,
        int cdMax,
        int cdFormat,
        int dss,
        boolean stage2,
        TableConfig table,
        boolean stall,
        boolean record,
        boolean protectTables,
        boolean forceWriteBack,
        int eats) {

    enum Kind {
        /// C_BAD_STE.
        ILLEGAL,
        ABORT,
        BYPASS,
        TRANSLATE
    }

    /// StreamWorld (3.3.3), Non-secure.
    enum World {
        EL1(true, true),
        EL2(false, false),
        EL2_E2H(true, false);

        /// Whether there are two address halves, privileges and ASIDs.
        final boolean twoPrivileges;

        /// Whether entries are tagged by VMID.
        final boolean vmids;

        World(boolean twoPrivileges, boolean vmids) {
            this.twoPrivileges = twoPrivileges;
            this.vmids = vmids;
        }
    }

    static StreamConfig plain(Kind kind, String rule, Ste ste) {
        return new StreamConfig(
                kind,
                rule,
                ste,
                World.EL1,
                0,
                false,
                0,
                0,
                0,
                false,
                TableConfig.disabled(false),
                false,
                false,
                false,
                false,
                0);
    }

    /// The same stream with stage 1 bypassed, as S1DSS = 1 asks for.
    boolean translates(boolean stage1Bypassed) {
        return stage2 || (stage1 && !stage1Bypassed);
    }
}
