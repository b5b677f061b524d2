package dev.belfry.kernel.smmu;

import dev.belfry.kernel.iopgtable.IoPageTable;
import java.util.List;

/// Stage 2 translation under a VMID; a parent for nesting.
public final class Stage2Domain extends Domain {

    private final int vmid;
    private final boolean nestParent;

    Stage2Domain(
            CommandQueue queue,
            IoPageTable table,
            TlbInvalidation tlb,
            int vmid,
            boolean nestParent) {
        super(queue, table, tlb);
        this.vmid = vmid;
        this.nestParent = nestParent;
    }

    /// TLBI_S2_IPA leaves what combines both stages: all of the guest's stage 1 goes.
    @Override
    List<Command> beyond() {
        return nestParent ? List.of(Command.tlbiNhAll(vmid)) : List.of();
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
