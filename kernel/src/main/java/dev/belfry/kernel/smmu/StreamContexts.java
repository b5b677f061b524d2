package dev.belfry.kernel.smmu;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/// Context descriptors of one stream alone: what it needs as soon as one of its PASIDs has an
/// address space of its own (`struct arm_smmu_ctx_desc_cfg`).
///
/// ATS is off as long as there are any: ATC invalidations here know no SubstreamID.
public final class StreamContexts {

    private static final int DSS_TERMINATE = 0;

    private final int streamId;
    private final CdTable table;
    private final boolean stall;
    private final Map<Integer, Stage1Domain> pasids = new HashMap<>();

    StreamContexts(int streamId, CdTable table, boolean stall) {
        this.streamId = streamId;
        this.table = table;
        this.stall = stall;
        table.attached(streamId);
    }

    /// Whether no PASID has an address space.
    public boolean isEmpty() {
        return pasids.isEmpty();
    }

    /// Gives a PASID its address space.
    public void set(int pasid, Stage1Domain domain) {
        clear(pasid);
        pasids.put(pasid, domain);
        domain.attached(streamId, false);
        table.write(pasid, domain.table(), domain.asid(), stall);
    }

    /// Takes it away.
    public void clear(int pasid) {
        Stage1Domain old = pasids.remove(pasid);
        if (old != null) {
            table.clear(pasid);
            old.detached(streamId);
        }
    }

    /// The STE; without an address space of the device itself, what has no PASID is terminated.
    StreamEntry entry(Optional<Stage1Domain> whole, StreamEntry.Stage1Options options) {
        StreamEntry entry = StreamEntry.stage1(table, options);
        if (whole.isPresent()) {
            table.write(0, whole.get().table(), whole.get().asid(), stall);
            return entry;
        }
        table.clear(0);
        return entry.withoutSubstream(DSS_TERMINATE);
    }
}
