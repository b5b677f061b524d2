package dev.belfry.guest.dma;

import dev.belfry.kernel.iopgtable.MapStatus;
import dev.belfry.kernel.iopgtable.Protection;
import dev.belfry.kernel.smmu.Domain;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/// A domain, of stage 1 or of stage 2, that the DMA API hands out addresses of.
public final class TranslatedSpace implements DmaSpace {

    /// Unmapped addresses that wait for one invalidation of all (Linux's flush queue).
    private static final int FLUSH_QUEUE = 256;

    private record Range(long address, long size) {}

    private final Domain domain;
    private final IovaAllocator iovas;
    private final boolean strict;
    private final boolean coherent;
    private final long granule;
    private final Map<Long, Long> doorbells = new HashMap<>();
    private final List<Range> queue = new ArrayList<>();

    /// @param strict unmapping invalidates before it returns
    /// @param coherent the devices see the CPU's caches
    public TranslatedSpace(Domain domain, boolean strict, boolean coherent) {
        this.domain = domain;
        this.strict = strict;
        this.coherent = coherent;
        this.granule = domain.table().config().granule().bytes();
        this.iovas = new IovaAllocator(granule, domain.table().config().inputBits());
    }

    /// Its translation.
    public Domain domain() {
        return domain;
    }

    /// Keeps `[start, end]` from being handed out: host bridge windows, reserved regions.
    public void reserve(long start, long end) {
        iovas.reserve(start, end);
    }

    /// Maps a reserved region to itself, as far as it is not mapped yet (`IOMMU_RESV_DIRECT`).
    public void mapDirect(long base, long length, Protection protection) {
        long first = base & -granule;
        long end = (base + length + granule - 1) & -granule;
        for (long page = first; page < end; page += granule) {
            if (domain.iovaToPhys(page).isEmpty()) {
                domain.map(page, page, granule, protection);
            }
        }
        reserve(first, end - 1);
    }

    @Override
    public OptionalLong map(long buffer, long size, Direction direction, long mask) {
        return map(buffer, size, direction.protection(coherent), mask);
    }

    private OptionalLong map(long physical, long size, Protection protection, long mask) {
        long offset = physical & (granule - 1);
        long bytes = (offset + size + granule - 1) & -granule;
        OptionalLong iova = iovas.allocate(bytes, mask);
        if (iova.isEmpty()) {
            return iova;
        }
        MapStatus status = domain.map(iova.getAsLong(), physical - offset, bytes, protection);
        if (status != MapStatus.DONE) {
            iovas.free(iova.getAsLong(), bytes);
            return OptionalLong.empty();
        }
        return OptionalLong.of(iova.getAsLong() + offset);
    }

    @Override
    public void unmap(long address, long size) {
        long offset = address & (granule - 1);
        long bytes = (offset + size + granule - 1) & -granule;
        if (strict) {
            domain.unmap(address - offset, bytes);
            iovas.free(address - offset, bytes);
            return;
        }
        domain.unmapLazily(address - offset, bytes);
        queue.add(new Range(address - offset, bytes));
        if (queue.size() >= FLUSH_QUEUE) {
            flush();
        }
    }

    /// Does the invalidation that lazy unmapping put off.
    public void flush() {
        if (!queue.isEmpty()) {
            domain.flushAll();
            queue.forEach(range -> iovas.free(range.address, range.size));
            queue.clear();
        }
    }

    @Override
    public OptionalLong mapDoorbell(long doorbell, long mask) {
        long offset = doorbell & (granule - 1);
        long page = doorbell - offset;
        Long known = doorbells.get(page);
        if (known != null) {
            return OptionalLong.of(known + offset);
        }
        OptionalLong iova = map(page, granule, Protection.DOORBELL, mask);
        iova.ifPresent(at -> doorbells.put(page, at));
        return iova.isPresent() ? OptionalLong.of(iova.getAsLong() + offset) : iova;
    }
}
