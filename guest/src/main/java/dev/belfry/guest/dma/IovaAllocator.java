package dev.belfry.guest.dma;

import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;

/// Hands out IO virtual addresses from the top down, aligned to their size, as Linux does: below 4
/// GiB first, then in all of the address space.
public final class IovaAllocator {

    private static final long LIMIT_32 = 0xffff_ffffL;

    private final long granule;
    private final long limit;

    /// First to last address, inclusive; ranges do not overlap.
    private final TreeMap<Long, Long> taken = new TreeMap<>();

    /// @param granule page size in bytes
    /// @param inputBits size of the address space, below 64
    public IovaAllocator(long granule, int inputBits) {
        this.granule = granule;
        this.limit = (1L << inputBits) - 1;
        taken.put(0L, granule - 1);
    }

    /// Keeps `[start, end]` from being handed out.
    public void reserve(long start, long end) {
        long first = Math.max(0, start & -granule);
        long last = Math.min(limit, end | (granule - 1));
        Map.Entry<Long, Long> below = taken.floorEntry(last);
        while (below != null && below.getValue() >= first) {
            first = Math.min(first, below.getKey());
            last = Math.max(last, below.getValue());
            taken.remove(below.getKey());
            below = taken.floorEntry(last);
        }
        if (first <= last) {
            taken.put(first, last);
        }
    }

    /// @param size in bytes; rounded up to pages, and to a power of two up to 32 pages
    /// @param mask highest address that the device can put out
    public OptionalLong allocate(long size, long mask) {
        long rounded = round(size);
        long highest = Long.compareUnsigned(mask, limit) < 0 ? mask : limit;
        OptionalLong low = below(rounded, Math.min(highest, LIMIT_32));
        return low.isPresent() || highest <= LIMIT_32 ? low : below(rounded, highest);
    }

    private long round(long size) {
        long pages = (size + granule - 1) / granule;
        long power = Long.highestOneBit(Math.max(1, 2 * pages - 1));
        return (pages < 32 ? power : pages) * granule;
    }

    private OptionalLong below(long size, long highest) {
        long alignment = Long.highestOneBit(2 * size - 1);
        long at = ((highest + 1) - size) & -alignment;
        while (at >= 0) {
            Map.Entry<Long, Long> clash = taken.floorEntry(at + size - 1);
            if (clash == null || clash.getValue() < at) {
                taken.put(at, at + size - 1);
                return OptionalLong.of(at);
            }
            at = (clash.getKey() - size) & -alignment;
        }
        return OptionalLong.empty();
    }

    /// Gives back what [#allocate] returned for `size`.
    public void free(long address, long size) {
        taken.remove(address, address + round(size) - 1);
    }
}
