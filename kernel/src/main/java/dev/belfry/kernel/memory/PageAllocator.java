package dev.belfry.kernel.memory;

import dev.belfry.kernel.Machine;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/// A buddy allocator over a range of RAM.
///
/// A block is a power of two, at least 4 KiB, and aligned to its size; its bytes are zero. Which
/// half of a larger block is used first depends on the seed, so different seeds put the same tables
/// at different addresses, and the same seed at the same ones.
public final class PageAllocator {

    /// log2 of the smallest block.
    public static final int MIN_ORDER = 12;

    private static final int MAX_ORDER = 52;

    private final Machine machine;
    private final List<TreeSet<Long>> free = new ArrayList<>();
    private final Map<Long, Integer> allocated = new HashMap<>();
    private final TreeSet<Long> dirty = new TreeSet<>();
    private long random;

    /// @param base first byte of the range, rounded up to 4 KiB
    /// @param size in bytes, rounded down to 4 KiB; the range is zero now, as RAM is at power-on
    /// @param seed where blocks go
    public PageAllocator(Machine machine, long base, long size, long seed) {
        this.machine = machine;
        this.random = seed;
        for (int order = 0; order <= MAX_ORDER; order++) {
            free.add(new TreeSet<>());
        }
        long page = 1L << MIN_ORDER;
        long start = (base + page - 1) & -page;
        addRange(start, (base + size) & -page);
    }

    private void addRange(long start, long end) {
        long at = start;
        while (Long.compareUnsigned(at, end) < 0) {
            int order = at == 0 ? MAX_ORDER : Math.min(MAX_ORDER, Long.numberOfTrailingZeros(at));
            while (Long.compareUnsigned(1L << order, end - at) > 0) {
                order--;
            }
            free.get(order).add(at);
            at += 1L << order;
        }
    }

    /// Allocates the smallest block that holds `bytes`.
    ///
    /// @return its address, aligned to its size
    /// @throws OutOfMemory when there is none
    public long allocate(long bytes) {
        return allocate(bytes, 1L << MIN_ORDER);
    }

    /// Allocates the smallest block that holds `bytes` and is aligned to `alignment`, a power of
    /// two.
    ///
    /// @throws OutOfMemory when there is none
    public long allocate(long bytes, long alignment) {
        int order = orderOf(Math.max(bytes, alignment));
        int from = order;
        while (from <= MAX_ORDER && free.get(from).isEmpty()) {
            from++;
        }
        if (from > MAX_ORDER) {
            throw new OutOfMemory(bytes);
        }
        long block = free.get(from).removeFirst();
        for (int half = from - 1; half >= order; half--) {
            boolean upper = nextBit();
            free.get(half).add(upper ? block : block + (1L << half));
            block += upper ? 1L << half : 0;
        }
        allocated.put(block, order);
        zero(block, order);
        return block;
    }

    /// Gives a block back.
    ///
    /// @param address as [#allocate] returned it
    public void free(long address) {
        Integer allocatedOrder = allocated.remove(address);
        if (allocatedOrder == null) {
            throw new IllegalArgumentException("not allocated: " + Long.toHexString(address));
        }
        int order = allocatedOrder;
        for (long page = address; page < address + (1L << order); page += 1L << MIN_ORDER) {
            dirty.add(page);
        }
        long block = address;
        while (order < MAX_ORDER && free.get(order).remove(block ^ (1L << order))) {
            block &= -(2L << order);
            order++;
        }
        free.get(order).add(block);
    }

    /// The range was another kernel's before, and what that one used is as it left it.
    public void inherit(PageAllocator before) {
        dirty.addAll(before.dirty);
        before.allocated.forEach((block, order) -> {
            for (long page = block; page < block + (1L << order); page += 1L << MIN_ORDER) {
                dirty.add(page);
            }
        });
    }

    /// How many bytes are allocated now.
    public long allocatedBytes() {
        return allocated.values().stream().mapToLong(order -> 1L << order).sum();
    }

    private static int orderOf(long bytes) {
        return Math.max(MIN_ORDER, 64 - Long.numberOfLeadingZeros(bytes - 1));
    }

    /// Only pages that were used before can hold anything.
    private void zero(long block, int order) {
        var used = dirty.subSet(block, block + (1L << order));
        for (long page : used) {
            machine.writeBytes(page, new byte[1 << MIN_ORDER]);
        }
        used.clear();
    }

    /// One bit of a SplitMix64 sequence.
    private boolean nextBit() {
        random += 0x9e3779b97f4a7c15L;
        long z = (random ^ (random >>> 30)) * 0xbf58476d1ce4e5b9L;
        z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
        return ((z ^ (z >>> 31)) & 1) != 0;
    }
}
