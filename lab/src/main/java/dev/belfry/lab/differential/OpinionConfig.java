package dev.belfry.lab.differential;

/// What STE and CD of a stream say, as far as a QEMU with one stage 1 looks at them.
///
/// @param kind abort, bypass or translate
/// @param ips effective output size of stage 1, bits
/// @param asid CD.ASID
/// @param affd CD.AFFD
/// @param record CD.R
/// @param lower TT0
/// @param upper TT1
record OpinionConfig(
        Kind kind, int ips, int asid, boolean affd, boolean record, Half lower, Half upper) {

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
    /// @param had CD.HADx
    /// @param tbi CD.TBIx
    /// @param tbi0 CD.TBI0
    record Half(
            boolean enabled,
            int txsz,
            int granule,
            long ttb,
            boolean had,
            boolean tbi,
            boolean tbi0) {

        static final Half NONE = new Half(false, 0, 12, 0, false, false, false);

        int inputBits() {
            return 64 - txsz;
        }
    }

    static OpinionConfig plain(Kind kind) {
        return new OpinionConfig(kind, 0, 0, false, false, Half.NONE, Half.NONE);
    }
}
