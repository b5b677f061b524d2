package dev.belfry.lab.differential;

/// What STE and CD of a stream say, as far as a QEMU looks at them.
///
/// @param kind abort, bypass or translate
/// @param stage1 whether stage 1 translates
/// @param stage2 stage 2, or [Stage2#NONE]
/// @param vmid STE.S2VMID; -1 where there is no stage 2 at all
/// @param ips effective output size of stage 1, or of what takes its place, bits
/// @param asid CD.ASID; -1 without stage 1
/// @param affd CD.AFFD
/// @param record CD.R
/// @param lower TT0
/// @param upper TT1
record OpinionConfig(
        Kind kind,
        boolean stage1,
        Stage2 stage2,
        int vmid,
        int ips,
        int asid,
        boolean affd,
        boolean record,
        Half lower,
        Half upper) {

    enum Kind {
        ABORT,
        BYPASS,
        TRANSLATE
    }

    /// One half of the address space.
    ///
    /// @param enabled EPDx = 0
    /// @param txsz CD.TxSZ
    /// @param granule 12, 14 or 16
    /// @param ttb CD.TTBx
    /// @param start where QEMU took that to be when it read the CD
    /// @param had CD.HADx
    /// @param tbi CD.TBIx
    /// @param tbi0 CD.TBI0
    record Half(
            boolean enabled,
            int txsz,
            int granule,
            long ttb,
            long start,
            boolean had,
            boolean tbi,
            boolean tbi0) {

        static final Half NONE = new Half(false, 0, 12, 0, 0, false, false, false);

        int inputBits() {
            return 64 - txsz;
        }

        Half startingAt(long address) {
            return new Half(enabled, txsz, granule, ttb, address, had, tbi, tbi0);
        }
    }

    /// Stage 2 of an STE.
    ///
    /// @param enabled Config[1] = 1
    /// @param granule 12, 14 or 16
    /// @param inputBits 64 - S2T0SZ
    /// @param level start level
    /// @param ps effective S2PS, bits
    /// @param ttb STE.S2TTB
    /// @param affd STE.S2AFFD
    /// @param record STE.S2R
    /// @param ptw STE.S2PTW
    record Stage2(
            boolean enabled,
            int granule,
            int inputBits,
            int level,
            int ps,
            long ttb,
            boolean affd,
            boolean record,
            boolean ptw) {

        static final Stage2 NONE = new Stage2(false, 12, 0, 0, 0, 0, false, false, false);
    }

    static OpinionConfig plain(Kind kind) {
        return new OpinionConfig(
                kind, false, Stage2.NONE, -1, 0, -1, false, false, Half.NONE, Half.NONE);
    }

    /// A stream that only stage 2 translates.
    ///
    /// @param ias what its addresses must fit into, bits
    static OpinionConfig stage2Only(Stage2 stage2, int vmid, int ias) {
        return new OpinionConfig(
                Kind.TRANSLATE, false, stage2, vmid, ias, -1, false, false, Half.NONE, Half.NONE);
    }

    /// Whether both stages translate.
    boolean nested() {
        return stage1 && stage2.enabled();
    }

    /// The same but for where the start tables were found.
    OpinionConfig withStarts(OpinionConfig other) {
        return withHalves(lower.startingAt(other.lower.start), upper.startingAt(other.upper.start));
    }

    OpinionConfig withHalves(Half newLower, Half newUpper) {
        return new OpinionConfig(
                kind, stage1, stage2, vmid, ips, asid, affd, record, newLower, newUpper);
    }
}
