package dev.belfry.lab.differential;

import dev.belfry.model.smmu.spec.EventRecord;
import dev.belfry.model.smmu.spec.EventRecord.Cause;
import dev.belfry.model.smmu.spec.EventRecord.Transaction;
import dev.belfry.model.smmu.spec.EventType;

/// What a walk gives.
sealed interface OpinionResult {

    /// An output address.
    ///
    /// @param pa output address
    /// @param bits log2 of the block around it
    /// @param level of the descriptor, of the stage with the smaller block
    /// @param granule of that stage
    /// @param perms what QEMU's TLB will let through: 1 reads, 2 writes; of stage 1 where it is
    /// @param parent the same of stage 2
    /// @param whole what the stage that takes the input address maps as one
    record Leaf(long pa, int bits, int level, int granule, int perms, int parent, Whole whole)
            implements OpinionResult {}

    /// The input side of a translation, by which invalidations find it.
    ///
    /// @param bits log2 of what one descriptor maps
    /// @param global nG = 0
    record Whole(int bits, int level, int granule, boolean global) {}

    /// Who says whether a fault is recorded.
    enum Recorded {
        ALWAYS,
        CD_R,
        STE_S2R,
        NEVER
    }

    /// A fault.
    ///
    /// @param stage2 S2
    /// @param second the record's last two words
    /// @param asRead whether RnW says read, whatever the transaction is
    /// @param ttrnw TTRnW
    /// @param byTable whether a Table descriptor refused a write
    record Fault(
            EventType type,
            boolean stage2,
            Cause cause,
            long second,
            boolean asRead,
            boolean ttrnw,
            Recorded recorded,
            boolean byTable)
            implements OpinionResult {

        /// A fault of stage 1 for the transaction itself.
        static Fault stage1(EventType type) {
            return new Fault(type, false, Cause.IN, 0, false, false, Recorded.CD_R, false);
        }

        /// The record.
        EventRecord event(Transaction t) {
            long w1 = EventRecord.RNW.of(t.read() || asRead ? 1 : 0);
            w1 |= EventRecord.S2.of(stage2 ? 1 : 0) | EventRecord.CLASS.of(cause.bits());
            w1 |= EventRecord.TTRNW.of(ttrnw ? 1 : 0);
            long w0 = EventRecord.TYPE.of(type.code()) | EventRecord.STREAMID.of(t.streamId());
            return new EventRecord(w0, w1, t.address(), second);
        }
    }
}
