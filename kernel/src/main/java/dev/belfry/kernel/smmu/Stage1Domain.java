package dev.belfry.kernel.smmu;

import dev.belfry.kernel.iopgtable.IoPageTable;

/// Stage 1 translation under an ASID.
public final class Stage1Domain extends Domain {

    private final CdTable cds;
    private final int asid;

    Stage1Domain(
            CommandQueue queue, IoPageTable table, TlbInvalidation tlb, CdTable cds, int asid) {
        super(queue, table, tlb);
        this.cds = cds;
        this.asid = asid;
    }

    /// Its ASID.
    public int asid() {
        return asid;
    }

    /// Its context descriptors.
    public CdTable contextDescriptors() {
        return cds;
    }

    @Override
    StreamEntry entry(StreamEntry.Stage1Options options) {
        return StreamEntry.stage1(cds, options);
    }

    @Override
    void attached(int streamId, boolean ats) {
        super.attached(streamId, ats);
        cds.attached(streamId);
    }

    @Override
    void detached(int streamId) {
        super.detached(streamId);
        cds.detached(streamId);
    }
}
