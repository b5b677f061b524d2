package dev.belfry.model.smmu;

import java.util.BitSet;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The TLB: translations of all enabled stages together, tagged by regime, VMID and ASID.
///
/// A tag is a [Context]. Its entries carry its epoch, so that invalidating an ASID is ending an
/// epoch. Invalidating an address looks once for each size of block in use. Neither depends on how
/// much the TLB holds.
///
/// Where a stage 1 block was cut by smaller stage 2 blocks, the pieces hang on a marker entry of
/// the stage 1 block's size, whose first word is their epoch: removing the marker drops all of
/// them.
final class Tlb {

    /// What entries are tagged with.
    static final class Context {
        final int world;
        final int vmid;

        /// ASID, or one of [#GLOBAL], [#GLOBAL_UNSHARED] and [#STAGE2].
        final int asid;

        private final long spread;

        /// Epochs of its entries and of its markers; 0 while there are none.
        private long epoch;

        private long markerEpoch;

        /// Bit n: entries of 2^n bytes may exist.
        private long sizes;

        private long markerSizes;
        private long pieceSizes;

        /// Whether [TlbTags] has it among those that hold entries.
        boolean listed;

        Context(int id, int world, int vmid, int asid) {
            this.world = world;
            this.vmid = vmid;
            this.asid = asid;
            this.spread = TlbTable.spread(id);
        }

        /// Whether its entries match any ASID.
        boolean isGlobal() {
            return asid == GLOBAL || asid == GLOBAL_UNSHARED;
        }

        /// Whether it certainly holds no entry.
        boolean isEmpty() {
            return (sizes | markerSizes) == 0;
        }

        private void forgetEntries() {
            epoch = 0;
            markerEpoch = 0;
            sizes = 0;
            markerSizes = 0;
            pieceSizes = 0;
        }
    }

    /// ASID of entries that all ASIDs with ASET = 0 share, and of regimes without ASIDs.
    static final int GLOBAL = -1;

    /// ASID of IPA entries: streams without stage 1.
    static final int STAGE2 = -2;

    /// ASID of entries that all ASIDs with ASET = 1 share (3.17.1).
    static final int GLOBAL_UNSHARED = -3;

    private final TlbTable table;
    private final TlbTags tags = new TlbTags();
    private final boolean exact;

    /// For those who do not use the TLB.
    private final Context none = new Context(0, 0, 0, STAGE2);

    /// More contexts than these with entries are given up rather than kept.
    private static final int CONTEXTS = 1 << 17;

    /// An invalidation that is not exact looks for so many blocks, and in so many contexts.
    private static final int LOOKS = 1 << 12;

    private static final int CONTEXT_LOOKS = 1 << 8;

    /// @param entries how many entries to hold; 0 for as many as there are
    /// @param exact whether nothing goes but what an invalidation names, however long that takes
    Tlb(int entries, boolean exact) {
        this.exact = exact;
        int capacity = Integer.highestOneBit(Math.max(16, Math.min(entries, 1 << 21)) * 2 - 1);
        table = new TlbTable(entries > 0 ? capacity : 1024, entries > 0);
    }

    /// The context for a tag, made when it is new.
    Context context(int world, int vmid, int asid) {
        return tags.context(world, vmid, asid);
    }

    /// A context that never holds anything.
    Context none() {
        return none;
    }

    /// The context for a tag; null when nothing is tagged so, and there is nothing to invalidate.
    @Nullable Context known(int world, int vmid, int asid) {
        return tags.known(world, vmid, asid);
    }

    /// The contexts of a VMID that hold entries.
    List<Context> contexts(int world, int vmid) {
        return tags.filled(world, vmid);
    }

    /// All contexts that hold entries.
    void forEachContext(Consumer<Context> action) {
        tags.forEachFilled(action);
    }

    /// How many contexts are known by their tags.
    int contexts() {
        return tags.size();
    }

    /// Whether so many contexts are to be looked at for one command that dropping all they hold is
    /// better: a guest may have that command carried out half a million times at once.
    boolean isTooMany(int contexts) {
        return !exact && contexts > CONTEXT_LOOKS;
    }

    /// The same for a command that has to look at all of them.
    boolean isTooMany() {
        return isTooMany(tags.filled());
    }

    /// Keeps the number of contexts within bounds.
    ///
    /// @return whether contexts are gone that someone may hold
    boolean makeRoomForContexts() {
        if (!tags.isCrowded()) {
            return false;
        }
        tags.retire();
        if (tags.size() > CONTEXTS) {
            table.clear();
            tags.clear();
        }
        return true;
    }

    /// The slot that holds `address`, or -1. The slot stays valid until the next insertion.
    int find(Context c, long address) {
        if (!TlbTable.holds(address)) {
            return -1;
        }
        for (long sizes = c.sizes; sizes != 0; sizes &= sizes - 1) {
            int size = Long.numberOfTrailingZeros(sizes);
            int at = table.find(c.epoch, address, size, c.spread);
            if (at >= 0) {
                return at;
            }
        }
        return c.markerSizes == 0 ? -1 : findPiece(c, address);
    }

    private int findPiece(Context c, long address) {
        for (long big = c.markerSizes; big != 0; big &= big - 1) {
            int size = Long.numberOfTrailingZeros(big);
            int marker = table.find(c.markerEpoch, address, size, c.spread);
            if (marker < 0) {
                continue;
            }
            long epoch = table.first(marker);
            for (long small = c.pieceSizes; small != 0; small &= small - 1) {
                int piece = Long.numberOfTrailingZeros(small);
                int at = table.find(epoch, address, piece, c.spread);
                if (at >= 0) {
                    return at;
                }
            }
        }
        return -1;
    }

    /// First word of what the entry at `slot` holds.
    long first(int slot) {
        return table.first(slot);
    }

    /// Second word of what the entry at `slot` holds.
    long second(int slot) {
        return table.second(slot);
    }

    /// log2 of the size of the block at `slot`.
    int blockBits(int slot) {
        return table.size(slot);
    }

    /// Puts an entry in, for an address that a walk has translated.
    ///
    /// @param size log2 of the bytes that it maps, 12..52
    /// @param stage1Size log2 of the stage 1 block that it is part of; `size` or more
    void insert(Context c, long address, int size, int stage1Size, long first, long second) {
        if (stage1Size <= size || stage1Size > 52) {
            if (c.epoch == 0) {
                c.epoch = begin(c);
            }
            c.sizes |= 1L << size;
            table.put(c.epoch, address, size, c.spread, first, second);
            tags.fill(c);
            return;
        }
        if (c.markerEpoch == 0) {
            c.markerEpoch = begin(c);
        }
        int marker = table.find(c.markerEpoch, address, stage1Size, c.spread);
        long epoch = marker >= 0 ? table.first(marker) : mark(c, address, stage1Size, second);
        c.pieceSizes |= 1L << size;
        table.put(epoch, address, size, c.spread, first, second);
        tags.fill(c);
    }

    private long mark(Context c, long address, int stage1Size, long second) {
        long epoch = begin(c);
        if (c.markerEpoch == 0) {
            c.markerEpoch = begin(c);
        }
        c.markerSizes |= 1L << stage1Size;
        table.put(c.markerEpoch, address, stage1Size, c.spread, epoch, second);
        return epoch;
    }

    /// @param filling a context that is about to hold entries
    private long begin(Context filling) {
        if (table.isOutOfEpochs()) {
            BitSet keep = new BitSet();
            BitSet markers = new BitSet();
            keep(filling, keep, markers);
            tags.forEachFilled(c -> keep(c, keep, markers));
            keep.clear(0);
            markers.clear(0);
            keep.or(markers);
            table.sweep(keep, markers);
            if (table.isOutOfEpochs()) {
                clear();
                filling.forgetEntries();
            }
        }
        return table.begin();
    }

    private static void keep(Context c, BitSet keep, BitSet markers) {
        keep.set(TlbTable.number(c.epoch));
        markers.set(TlbTable.number(c.markerEpoch));
    }

    /// Drops everything.
    void clear() {
        table.clear();
        tags.forEachFilled(Context::forgetEntries);
    }

    /// Drops all entries of a context.
    void invalidate(@Nullable Context c) {
        if (c != null && !c.isEmpty()) {
            table.end(c.epoch);
            table.end(c.markerEpoch);
            c.forgetEntries();
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
        if (c == null || c.isEmpty()) {
            return;
        }
        long end = from + (length - 1);
        long last = Long.compareUnsigned(end, from) < 0 ? -1L : end;
        if (!exact && isLong(c.sizes | c.markerSizes, from, last)) {
            invalidate(c);
            return;
        }
        invalidateSizes(c, c.sizes, c.epoch, from, last, filter);
        invalidateSizes(c, c.markerSizes, c.markerEpoch, from, last, filter);
    }

    private static boolean isLong(long sizes, long from, long last) {
        int smallest = Long.numberOfTrailingZeros(sizes);
        return Long.compareUnsigned((last >>> smallest) - (from >>> smallest), LOOKS) > 0;
    }

    private void invalidateSizes(
            Context c, long sizes, long epoch, long from, long last, Filter filter) {
        for (; sizes != 0; sizes &= sizes - 1) {
            int size = Long.numberOfTrailingZeros(sizes);
            long first = from >>> size << size;
            long count = (last >>> size) - (from >>> size);
            if (Long.compareUnsigned(count, table.capacity()) > 0) {
                int at = table.next(0, epoch, size, first, last);
                for (; at >= 0; at = table.next(at + 1, epoch, size, first, last)) {
                    drop(c, epoch, at, filter);
                }
                continue;
            }
            long block = first;
            for (long i = 0; i <= count; i++, block += 1L << size) {
                if (TlbTable.holds(block)) {
                    drop(c, epoch, table.find(epoch, block, size, c.spread), filter);
                }
            }
        }
    }

    private void drop(Context c, long epoch, int slot, Filter filter) {
        if (slot >= 0 && filter.reaches(table.second(slot))) {
            if (epoch == c.markerEpoch) {
                table.end(table.first(slot));
            }
            table.remove(slot);
        }
    }
}
