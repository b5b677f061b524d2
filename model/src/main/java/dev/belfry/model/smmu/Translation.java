package dev.belfry.model.smmu;

import dev.belfry.model.smmu.spec.EventRecord;
import java.util.Optional;

/// What the SMMU makes of a transaction.
public sealed interface Translation {

    /// It goes on to `pa`.
    ///
    /// @param pa output address; the input address itself when the stream bypasses
    /// @param blockBits log2 of the block around `pa` for which the same translation holds
    /// @param writable whether a write would pass as well
    record Mapped(long pa, int blockBits, boolean writable) implements Translation {}

    /// It is terminated with an abort.
    ///
    /// @param event the record that the architecture defines for it; empty where it defines none
    ///   (an STE that says abort, GBPA.ABORT)
    /// @param recorded whether the record went to the Event queue
    record Faulted(Optional<EventRecord> event, boolean recorded) implements Translation {}

    /// It waits for CMD_RESUME or CMD_STALL_TERM.
    ///
    /// @param stag the tag that software answers with
    /// @param event the record that announced it
    record Stalled(int stag, EventRecord event) implements Translation {}
}
