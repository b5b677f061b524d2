package dev.belfry.model.smmu;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The TLB: translations of all enabled stages together, tagged by regime, VMID and ASID.
///
/// It is one open-addressed table of `long`s, four a slot; a key is looked for in [#WINDOW] slots
/// from its hash on. A tag is a [Context] with a generation, so that invalidating an ASID is adding
/// one to a number. Invalidating an address probes once for each size of block in use. Neither
/// depends on how much the TLB holds.
///
/// Where a stage 1 block was cut by smaller stage 2 blocks, the pieces hang on a marker entry of
/// the stage 1 block's size: removing the marker drops all of them.
final class Tlb {

    static final int WINDOW = 8;
    private static final int SLOT = 4;
    private static final long SIZE_MASK = 0x3f;
    private static final long MARKER = 1L << 6;
    private static final long PIECE = 1L << 7;
    private static final int GENERATIONS = 1 << 28;

    /// An unbounded TLB evicts only beyond this.
    private static final int MAX_SLOTS = 1 << 21;

    /// What entries are tagged with.
    static final class Context {
        final int id;
        final int world;
        final int vmid;

        /// ASID, or one of [#GLOBAL] and [#STAGE2].
        final int asid;

        int generation;

        /// Bit n: entries of 2^n bytes may exist.
        long sizes;

        long markerSizes;
        long pieceSizes;

        Context(int id, int world, int vmid, int asid) {
            this.id = id;
            this.world = world;
            this.vmid = vmid;
            this.asid = asid;
        }
    }

    /// ASID of entries that all ASIDs share, and of regimes without ASIDs.
    static final int GLOBAL = -1;

    /// ASID of IPA entries: streams without stage 1.
    static final int STAGE2 = -2;

    private final boolean bounded;
    private long[] slots;
    private int mask;
    private int victim;
    private int markers;
    private final Map<Long, Context> byTag = new HashMap<>();
    private final List<Context> contexts = new ArrayList<>();

    /// @param entries how many entries to hold; 0 for as many as there are
    Tlb(int entries) {
        bounded = entries > 0;
        int capacity = Integer.highestOneBit(Math.max(16, Math.min(entries, 1 << 24)) * 2 - 1);
        allocate(bounded ? capacity : 1024);
    }

    private void allocate(int capacity) {
        slots = new long[(capacity + WINDOW) * SLOT];
        mask = capacity - 1;
    }

    private static long key(int world, int vmid, int asid) {
        return (long) world << 40 | (long) (vmid & 0xffff) << 20 | (asid & 0xfffff);
    }

    /// The context for a tag, made when it is new.
    Context context(int world, int vmid, int asid) {
        Context known = known(world, vmid, asid);
        if (known != null) {
            return known;
        }
        Context made = new Context(contexts.size(), world, vmid, asid);
        contexts.add(made);
        byTag.put(key(world, vmid, asid), made);
        return made;
    }

    /// The context for a tag; null when nothing was ever tagged so, and there is nothing to
    /// invalidate.
    @Nullable Context known(int world, int vmid, int asid) {
        return byTag.get(key(world, vmid, asid));
    }

    /// All contexts there have been, for invalidations by VMID.
    List<Context> contexts() {
        return contexts;
    }

    private static long tag(Context c, int generation, long kind, int size) {
        return (long) c.id << 36 | (long) generation << 8 | kind | size;
    }

    private int start(long address, long tag) {
        long h = (address ^ tag * 0x9e37_79b9_7f4a_7c15L) * 0xbf58_476d_1ce4_e5b9L;
        return ((int) (h >>> 32) & mask) * SLOT;
    }

    /// The slot that holds `address`, or -1. The slot stays valid until the next insertion.
    int find(Context c, long address) {
        for (long sizes = c.sizes; sizes != 0; sizes &= sizes - 1) {
            int size = Long.numberOfTrailingZeros(sizes);
            int at = probe(address >>> size << size, tag(c, c.generation, 0, size));
            if (at >= 0) {
                return at;
            }
        }
        return c.markerSizes == 0 ? -1 : findPiece(c, address);
    }

    private int findPiece(Context c, long address) {
        for (long big = c.markerSizes; big != 0; big &= big - 1) {
            int size = Long.numberOfTrailingZeros(big);
            int marker = probe(address >>> size << size, tag(c, c.generation, MARKER, size));
            if (marker < 0) {
                continue;
            }
            int generation = (int) slots[marker + 2];
            for (long small = c.pieceSizes; small != 0; small &= small - 1) {
                int piece = Long.numberOfTrailingZeros(small);
                int at = probe(address >>> piece << piece, tag(c, generation, PIECE, piece));
                if (at >= 0) {
                    return at;
                }
            }
        }
        return -1;
    }

    private int probe(long address, long tag) {
        long[] s = slots;
        int at = start(address, tag);
        for (int i = 0; i < WINDOW; i++, at += SLOT) {
            // A tag of 0 with address 0 is told from an empty slot by the size, which is never 0.
            if (s[at + 1] == tag && s[at] == address) {
                return at;
            }
        }
        return -1;
    }

    /// First word of what the entry at `slot` holds.
    long first(int slot) {
        return slots[slot + 2];
    }

    /// Second word of what the entry at `slot` holds.
    long second(int slot) {
        return slots[slot + 3];
    }

    /// log2 of the size of the block at `slot`.
    int blockBits(int slot) {
        return (int) (slots[slot + 1] & SIZE_MASK);
    }

    /// Puts an entry in.
    ///
    /// @param size log2 of the bytes that it maps, 1..63
    /// @param stage1Size log2 of the stage 1 block that it is part of; `size` or more
    void insert(Context c, long address, int size, int stage1Size, long first, long second) {
        long block = address >>> size << size;
        if (stage1Size <= size || stage1Size > 63) {
            c.sizes |= 1L << size;
            put(block, tag(c, c.generation, 0, size), first, second);
            return;
        }
        long whole = address >>> stage1Size << stage1Size;
        long markerTag = tag(c, c.generation, MARKER, stage1Size);
        int marker = probe(whole, markerTag);
        int generation;
        if (marker >= 0) {
            generation = (int) slots[marker + 2];
        } else {
            if (++markers >= GENERATIONS) {
                clear();
                markers = 1;
            }
            generation = markers;
            c.markerSizes |= 1L << stage1Size;
            put(whole, tag(c, c.generation, MARKER, stage1Size), generation, second);
        }
        c.pieceSizes |= 1L << size;
        put(block, tag(c, generation, PIECE, size), first, second);
    }

    private void put(long address, long tag, long first, long second) {
        int at = start(address, tag);
        int free = -1;
        for (int i = 0, s = at; i < WINDOW; i++, s += SLOT) {
            long there = slots[s + 1];
            if (there == tag && slots[s] == address) {
                free = s;
                break;
            }
            // Tags alike down to the generation are as fresh as the new one: the usual case.
            if (free < 0 && (there == 0 || ((there ^ tag) >>> 8 != 0 && isStale(there)))) {
                free = s;
            }
        }
        if (free < 0) {
            if (!bounded && mask < MAX_SLOTS) {
                grow();
                put(address, tag, first, second);
                return;
            }
            free = at + (victim++ & WINDOW - 1) * SLOT;
        }
        slots[free] = address;
        slots[free + 1] = tag;
        slots[free + 2] = first;
        slots[free + 3] = second;
    }

    private boolean isStale(long tag) {
        return (tag & PIECE) == 0
                && (tag >>> 8 & GENERATIONS - 1) != contexts.get((int) (tag >>> 36)).generation;
    }

    private void grow() {
        long[] old = slots;
        allocate((mask + 1) * 2);
        for (int s = 0; s < old.length; s += SLOT) {
            if (old[s + 1] != 0 && !isStale(old[s + 1])) {
                put(old[s], old[s + 1], old[s + 2], old[s + 3]);
            }
        }
    }

    /// Drops everything.
    void clear() {
        java.util.Arrays.fill(slots, 0);
        for (Context c : contexts) {
            c.generation = 0;
            c.sizes = 0;
            c.markerSizes = 0;
            c.pieceSizes = 0;
        }
    }

    /// Drops everything, and all contexts with it: those that others hold are void.
    void forget() {
        java.util.Arrays.fill(slots, 0);
        contexts.clear();
        byTag.clear();
    }

    /// Drops all entries of a context.
    void invalidate(@Nullable Context c) {
        if (c == null || (c.sizes | c.markerSizes) == 0) {
            return;
        }
        c.sizes = 0;
        c.markerSizes = 0;
        c.pieceSizes = 0;
        if (++c.generation >= GENERATIONS) {
            clear();
        }
    }

    /// Which entries an invalidation by address is bound to reach.
    interface Filter {
        Filter ALL = second -> true;

        /// @param second the entry's second word
        boolean reaches(long second);
    }

    /// Drops the entries of a context that overlap `[from, from + length)`.
    ///
    /// @param length bytes, more than 0; Long.MAX_VALUE for all that follows
    void invalidate(@Nullable Context c, long from, long length, Filter filter) {
        if (c == null) {
            return;
        }
        invalidateSizes(c, c.sizes, 0, from, length, filter);
        invalidateSizes(c, c.markerSizes, MARKER, from, length, filter);
    }

    private void invalidateSizes(
            Context c, long sizes, long kind, long from, long length, Filter filter) {
        for (; sizes != 0; sizes &= sizes - 1) {
            int size = Long.numberOfTrailingZeros(sizes);
            long last = from + (length - 1);
            if (Long.compareUnsigned(last, from) < 0) {
                last = -1L;
            }
            long count = (last >>> size) - (from >>> size);
            long tag = tag(c, c.generation, kind, size);
            if (Long.compareUnsigned(count, mask) > 0) {
                sweep(tag, from >>> size, last >>> size, size, filter);
                continue;
            }
            long block = from >>> size << size;
            for (long i = 0; i <= count; i++, block += 1L << size) {
                drop(probe(block, tag), filter);
            }
        }
    }

    private void sweep(long tag, long first, long last, int size, Filter filter) {
        for (int s = 0; s < slots.length; s += SLOT) {
            if (slots[s + 1] == tag) {
                long block = slots[s] >>> size;
                if (Long.compareUnsigned(block, first) >= 0
                        && Long.compareUnsigned(block, last) <= 0) {
                    drop(s, filter);
                }
            }
        }
    }

    private void drop(int slot, Filter filter) {
        if (slot >= 0 && filter.reaches(slots[slot + 3])) {
            slots[slot + 1] = 0;
        }
    }
}
