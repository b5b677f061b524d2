package dev.belfry.kernel.smmu;

import dev.belfry.kernel.iopgtable.IoPageTable;

/// Stage 2 translation under a VMID; a parent for nesting.
public final class Stage2Domain extends Domain {

    private final int vmid;

    Stage2Domain(CommandQueue queue, IoPageTable table, TlbInvalidation tlb, int vmid) {
        super(queue, table, tlb);
        this.vmid = vmid;
    }

    /// Its VMID.
    public int vmid() {
        return vmid;
    }

    /// The entry of a stream that has this stage 2 alone.
    ///
    /// @param ats ATS is enabled
    public StreamEntry entry(boolean ats) {
        return StreamEntry.stage2(table(), vmid, ats);
    }

    @Override
    StreamEntry entry(StreamEntry.Stage1Options options) {
        return entry(options.ats());
    }
}
