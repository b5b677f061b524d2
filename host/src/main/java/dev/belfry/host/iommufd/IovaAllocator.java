package dev.belfry.host.iommufd;

import dev.belfry.host.uapi.Errno;
import dev.belfry.host.uapi.Result;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;

/// Finds room for a mapping whose address the kernel may choose: the lowest in the allowed ranges
/// that is neither reserved nor mapped, never 0.
record IovaAllocator(
        NavigableMap<Long, Area> areas, Reservations reservations, long alignment, long pageSize) {

    /// @return `EINVAL` when the user address is less aligned than the IOMMU needs, `ENOSPC` when
    ///   nothing fits
    Result<Long> allocate(long va, long length) {
        if (Long.compareUnsigned(length, Long.MAX_VALUE) >= 0) {
            return Result.err(Errno.EOVERFLOW, "the length is too large");
        }
        long power =
                Long.highestOneBit(length) == length ? length : Long.highestOneBit(length) << 1;
        // The user address's own alignment is kept, so that huge pages can be used.
        long kept = va == 0 ? power : Math.min(power, Long.lowestOneBit(va));
        long align = Math.min(kept, hugePage());
        if (align < alignment) {
            return Result.err(Errno.EINVAL, "user_va must be a multiple of " + alignment);
        }
        long offset = va & (pageSize - 1);
        for (IovaRange hole : usable()) {
            long at = ((hole.start() + align - 1) & -align) | offset;
            boolean fits =
                    Long.compareUnsigned(at, hole.start()) >= 0
                            && Long.compareUnsigned(at, hole.last()) <= 0
                            && Long.compareUnsigned(hole.last() - at, length - 1) >= 0;
            if (fits) {
                return Result.ok(at);
            }
        }
        return Result.err(Errno.ENOSPC, "no free range is large enough");
    }

    /// What one entry of a level above the last maps: more alignment is of no use.
    private long hugePage() {
        return pageSize * (pageSize / Long.BYTES);
    }

    private List<IovaRange> usable() {
        List<IovaRange> allowed =
                reservations.allowed().isEmpty()
                        ? List.of(new IovaRange(pageSize, -1L - pageSize))
                        : reservations.allowed();
        List<IovaRange> out = new ArrayList<>();
        for (IovaRange a : allowed) {
            for (IovaRange hole : reservations.holes()) {
                if (hole.intersects(a.start(), a.last())) {
                    long start = maxUnsigned(a.start(), hole.start());
                    long last = -1L - maxUnsigned(-1L - a.last(), -1L - hole.last());
                    withoutAreas(new IovaRange(maxUnsigned(start, pageSize), last), out);
                }
            }
        }
        return out;
    }

    private void withoutAreas(IovaRange range, List<IovaRange> out) {
        long next = range.start();
        for (Area area : areas.values()) {
            if (!area.intersects(range.start(), range.last())) {
                continue;
            }
            if (Long.compareUnsigned(area.start(), next) > 0) {
                out.add(new IovaRange(next, area.start() - 1));
            }
            next = area.last() + 1;
        }
        if (Long.compareUnsigned(next, range.last()) <= 0) {
            out.add(new IovaRange(next, range.last()));
        }
    }

    private static long maxUnsigned(long a, long b) {
        return Long.compareUnsigned(a, b) >= 0 ? a : b;
    }
}
