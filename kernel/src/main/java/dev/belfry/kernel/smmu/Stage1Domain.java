package dev.belfry.kernel.smmu;

import dev.belfry.kernel.iopgtable.IoPageTable;
import java.util.Optional;
import java.util.function.Supplier;

/// Stage 1 translation under an ASID.
public final class Stage1Domain extends Domain {

    private final Supplier<CdTable> maker;
    private final int asid;
    private Optional<CdTable> cds = Optional.empty();

    /// @param maker makes a table of context descriptors that leads to `table`
    Stage1Domain(
            CommandQueue queue,
            IoPageTable table,
            TlbInvalidation tlb,
            Supplier<CdTable> maker,
            int asid) {
        super(queue, table, tlb);
        this.maker = maker;
        this.asid = asid;
    }

    /// Its ASID.
    public int asid() {
        return asid;
    }

    /// Its context descriptors: made when a stream first needs them, as before Linux 6.9. From then
    /// on each device has its own ([Master]).
    public CdTable contextDescriptors() {
        if (cds.isEmpty()) {
            cds = Optional.of(maker.get());
        }
        return cds.get();
    }

    @Override
    StreamEntry entry(StreamEntry.Stage1Options options) {
        return StreamEntry.stage1(contextDescriptors(), options);
    }

    @Override
    void attached(Attachment attachment) {
        super.attached(attachment);
        cds.ifPresent(c -> c.attached(attachment.streamId()));
    }

    @Override
    void detached(Attachment attachment) {
        super.detached(attachment);
        cds.ifPresent(c -> c.detached(attachment.streamId()));
    }
}
