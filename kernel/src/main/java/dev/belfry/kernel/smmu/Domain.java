package dev.belfry.kernel.smmu;

import dev.belfry.kernel.iopgtable.Flush;
import dev.belfry.kernel.iopgtable.IoPageTable;
import dev.belfry.kernel.iopgtable.MapStatus;
import dev.belfry.kernel.iopgtable.Protection;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/// An address space that streams of one SMMU are attached to.
public abstract sealed class Domain permits Stage1Domain, Stage2Domain {

    private static final int ATC_ALL = 52;

    /// What is known of the ATC of a stream that is attached.
    enum Ats {
        /// ATS is off: it is empty.
        OFF,
        /// It holds addresses of this address space.
        ON,
        /// A guest's stage 1 is over this one: it holds addresses that only the guest knows.
        NESTED
    }

    /// A stream, or one substream of it, that uses the address space.
    ///
    /// @param ssid SubstreamID, 0 for the stream itself
    record Attachment(int streamId, int ssid, Ats ats) {

        static Attachment of(int streamId, Ats ats) {
            return new Attachment(streamId, 0, ats);
        }

        private Optional<Command> invalidate(long address, int log2Pages) {
            return switch (ats) {
                case OFF -> Optional.empty();
                case ON ->
                        Optional.of(
                                ssid == 0
                                        ? Command.atcInvalidate(streamId, address, log2Pages)
                                        : Command.atcInvalidate(
                                                streamId, ssid, address, log2Pages));
                case NESTED -> Optional.of(Command.atcInvalidate(streamId, 0, ATC_ALL));
            };
        }
    }

    private final CommandQueue queue;
    private final IoPageTable table;
    private final TlbInvalidation tlb;
    private final List<Attachment> attachments = new ArrayList<>();

    Domain(CommandQueue queue, IoPageTable table, TlbInvalidation tlb) {
        this.queue = queue;
        this.table = table;
        this.tlb = tlb;
    }

    /// Its translation tables.
    public IoPageTable table() {
        return table;
    }

    /// The STE that puts a stream into this domain.
    abstract StreamEntry entry(StreamEntry.Stage1Options options);

    void attached(Attachment attachment) {
        attachments.add(attachment);
    }

    /// What has to go as well whenever something does.
    List<Command> beyond() {
        return List.of();
    }

    /// Undoes one [#attached] with an equal attachment.
    void detached(Attachment attachment) {
        attachments.remove(attachment);
    }

    /// Maps; new translations need no invalidation.
    public MapStatus map(long address, long output, long size, Protection protection) {
        return table.map(address, output, size, protection);
    }

    /// Where `address` leads.
    public OptionalLong iovaToPhys(long address) {
        return table.iovaToPhys(address);
    }

    /// Unmaps and invalidates before it returns (`iommu.strict=1`).
    ///
    /// @return how many bytes were mapped
    public long unmap(long address, long size) {
        Gather gather = new Gather();
        long unmapped = table.unmap(address, size, gather);
        gather.sync();
        return unmapped;
    }

    /// Unmaps, but leaves the TLB for a later [#flushAll] (`iommu.strict=0`). Where tables went,
    /// walk caches are invalidated at once.
    public long unmapLazily(long address, long size) {
        return table.unmap(address, size, new TablesOnly());
    }

    /// Tells what was written in `[address, address + size)`.
    ///
    /// @param clear from now on it counts as not written; the TLB forgets that it was
    public void readDirty(long address, long size, boolean clear, IoPageTable.DirtyRanges ranges) {
        Gather gather = new Gather();
        table.readDirty(
                address,
                size,
                clear,
                (at, length) -> {
                    ranges.dirty(at, length);
                    if (clear) {
                        gather.leaf(at, length);
                    }
                });
        gather.sync();
    }

    /// Invalidates the whole address space, and the ATCs of its streams.
    public void flushAll() {
        queue.issueSync(tlb.all());
        invalidateAtcs(0, ATC_ALL);
    }

    private void invalidate(long address, long size, long leafBytes, boolean leaf) {
        queue.issueSync(tlb.range(address, size, leafBytes, leaf));
        if (!beyond().isEmpty()) {
            queue.issueSync(beyond());
        }
        long first = address >>> 12;
        long last = (address + size - 1) >>> 12;
        int log2Span = 64 - Long.numberOfLeadingZeros(first ^ last);
        invalidateAtcs((first & ~((1L << log2Span) - 1)) << 12, log2Span);
    }

    private void invalidateAtcs(long address, int log2Pages) {
        List<Command> commands =
                attachments.stream()
                        .distinct()
                        .flatMap(a -> a.invalidate(address, log2Pages).stream())
                        .toList();
        if (!commands.isEmpty()) {
            queue.issueSync(commands);
        }
    }

    private class TablesOnly implements Flush {
        @Override
        public void table(long address, long size, long granule) {
            invalidate(address, size, granule, false);
        }

        @Override
        public void leaf(long address, long granule) {}
    }

    /// Gathers leaves of one size that lie together.
    private final class Gather extends TablesOnly {
        private long start;
        private long end;
        private long size;

        @Override
        public void leaf(long address, long granule) {
            if (size != 0 && (granule != size || address != end)) {
                sync();
            }
            if (size == 0) {
                start = address;
                size = granule;
            }
            end = address + granule;
        }

        void sync() {
            if (size != 0) {
                invalidate(start, end - start, size, true);
                size = 0;
            }
        }
    }
}
