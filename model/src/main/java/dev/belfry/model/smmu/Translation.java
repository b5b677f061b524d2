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
    /// @param attributes memory type and shareability
    record Mapped(long pa, int blockBits, boolean writable, Attributes attributes)
            implements Translation {

        /// With the attributes that came in.
        public Mapped(long pa, int blockBits, boolean writable) {
            this(pa, blockBits, writable, Attributes.INCOMING);
        }
    }

    /// It is terminated: with an abort, or where CD.A = 0 as RAZ/WI.
    ///
    /// @param event the record that the architecture defines for it; empty where it defines none
    ///   (an STE that says abort, GBPA.ABORT)
    /// @param recorded whether the record went to the Event queue
    /// @param abort false for RAZ/WI: the device sees success, reads give zeros
    record Faulted(Optional<EventRecord> event, boolean recorded, boolean abort)
            implements Translation {

        /// Terminated with an abort.
        public Faulted(Optional<EventRecord> event, boolean recorded) {
            this(event, recorded, true);
        }
    }

    /// It waits for CMD_RESUME or CMD_STALL_TERM.
    ///
    /// @param stag the tag that software answers with
    /// @param event the record that announced it
    record Stalled(int stag, EventRecord event) implements Translation {}
}
