package dev.belfry.model.smmu;

import java.util.Arrays;
import java.util.BitSet;

/// The TLB's storage, laid out for hits: an entry's key and its first word lie side by side, 16
/// bytes of one `long[]`; what only misses, refusals and invalidations ask for lies elsewhere.
///
/// A key is an epoch (bits 63:42) and a block: address bits 52:12 and below them a set bit whose
/// place is the block's size. Entries are removed all at once by ending their epoch; no key is 0.
///
/// Each key has [#WAYS] slots. In each way consecutive blocks have consecutive slots, so that a
/// buffer's entries fill whole cache lines; where a run of blocks begins is another pseudorandom
/// number for each way and [Tlb.Context].
final class TlbTable {

    private static final int EPOCH_SHIFT = 42;
    private static final int EPOCHS = 1 << (64 - EPOCH_SHIFT);
    private static final long BLOCK = (1L << EPOCH_SHIFT) - 1;
    private static final int WAYS = 4;
    private static final long MIX = 0x9e37_79b9_7f4a_7c15L;

    /// An unbounded TLB evicts only beyond this.
    private static final int MAX_SLOTS = 1 << 21;

    private final Epochs epochs = new Epochs(EPOCHS);
    private final boolean bounded;
    private long[] hot = {};
    private long[] cold = {};
    private int mask;
    private int bits;
    private int victim;

    /// @param capacity slots to begin with, a power of two
    /// @param bounded whether it stays so small
    TlbTable(int capacity, boolean bounded) {
        this.bounded = bounded;
        allocate(capacity);
    }

    private void allocate(int capacity) {
        hot = new long[2 * capacity];
        cold = new long[2 * capacity];
        mask = capacity - 1;
        bits = Integer.numberOfTrailingZeros(capacity);
    }

    int capacity() {
        return mask + 1;
    }

    /// Whether the table tells `address` from all others: its bits 63:53 are those of bit 52.
    static boolean holds(long address) {
        return address << 11 >> 11 == address;
    }

    /// What spreads a context's runs over the table.
    ///
    /// @param id a small number that tells contexts apart
    static long spread(int id) {
        return ((long) id << EPOCH_SHIFT) + id + 1;
    }

    /// The slot of a block, or -1.
    ///
    /// @param epoch as [#begin] gave it
    /// @param address in the block; the table [#holds] it
    /// @param size log2 of the block's bytes, 12..52
    /// @param spread as in [#put]
    int find(long epoch, long address, int size, long spread) {
        long[] entries = hot;
        long block = block(address, size);
        long key = key(epoch, block, size);
        long h = hash(block, spread);
        for (int way = 0; way < WAYS; way++) {
            int at = slot(block, h);
            if (entries[2 * at] == key) {
                return at;
            }
            h *= MIX;
        }
        return -1;
    }

    private static long block(long address, int size) {
        return address << 11 >>> (size + 11);
    }

    private static long key(long epoch, long block, int size) {
        return epoch | (block << 1 | 1) << (size - 12);
    }

    private static long block(long key) {
        return (key & BLOCK) >>> (Long.numberOfTrailingZeros(key) + 1);
    }

    private long hash(long block, long spread) {
        return ((block >>> bits) + spread) * MIX;
    }

    private int slot(long block, long h) {
        return (int) (block ^ h >>> 40) & mask;
    }

    long first(int slot) {
        return hot[2 * slot + 1];
    }

    long second(int slot) {
        return cold[2 * slot];
    }

    /// log2 of the bytes that the entry maps.
    int size(int slot) {
        return Long.numberOfTrailingZeros(hot[2 * slot]) + 12;
    }

    /// Puts an entry in, in the place of one for the same block. Parameters as for [#find].
    void put(long epoch, long address, int size, long spread, long first, long second) {
        put(key(epoch, block(address, size), size), spread, first, second);
    }

    private void put(long key, long spread, long first, long second) {
        int at = place(key, spread);
        if (at < 0) {
            grow();
            put(key, spread, first, second);
            return;
        }
        hot[2 * at] = key;
        hot[2 * at + 1] = first;
        cold[2 * at] = second;
        cold[2 * at + 1] = spread;
    }

    /// The slot of the same key, or a free one, or a victim's; -1 when the table should grow.
    private int place(long key, long spread) {
        long block = block(key);
        long h = hash(block, spread);
        int evict = victim & WAYS - 1;
        int free = -1;
        int last = -1;
        for (int way = 0; way < WAYS; way++, h *= MIX) {
            int at = slot(block, h);
            long there = hot[2 * at];
            if (there == key) {
                return at;
            }
            if (free < 0 && isFree(there, key)) {
                free = at;
            }
            last = way == evict ? at : last;
        }
        if (free >= 0 || (!bounded && mask + 1 < MAX_SLOTS)) {
            return free;
        }
        victim++;
        return last;
    }

    /// Entries of the new one's epoch are as fresh as it is: the usual case.
    private boolean isFree(long there, long key) {
        return there == 0 || ((there ^ key) >>> EPOCH_SHIFT != 0 && isStale(there));
    }

    private boolean isStale(long key) {
        return !epochs.isLive(number(key));
    }

    private void grow() {
        long[] entries = hot;
        long[] rest = cold;
        allocate((mask + 1) * 2);
        for (int i = 0; i < entries.length; i += 2) {
            if (entries[i] != 0 && !isStale(entries[i])) {
                put(entries[i], rest[i + 1], entries[i + 1], rest[i]);
            }
        }
    }

    void remove(int slot) {
        hot[2 * slot] = 0;
    }

    /// The first slot from `slot` on whose key is of an epoch and whose block lies, with its first
    /// byte, in `[from, last]`; -1 for none.
    int next(int slot, long epoch, int size, long from, long last) {
        for (int s = slot; s <= mask; s++) {
            long key = hot[2 * s];
            if (((key ^ epoch) >>> EPOCH_SHIFT) == 0
                    && key != 0
                    && size(s) == size
                    && isWithin(key << 22 >> 11 & -(1L << size), from, last)) {
                return s;
            }
        }
        return -1;
    }

    private static boolean isWithin(long address, long from, long last) {
        return Long.compareUnsigned(address, from) >= 0 && Long.compareUnsigned(address, last) <= 0;
    }

    /// Drops everything, and ends all epochs.
    void clear() {
        Arrays.fill(hot, 0);
        epochs.clear();
    }

    /// Whether [#begin] needs a [#sweep] first.
    boolean isOutOfEpochs() {
        return epochs.isUsedUp();
    }

    /// A new epoch, as it lies in keys.
    long begin() {
        return (long) epochs.begin() << EPOCH_SHIFT;
    }

    /// Ends an epoch: its entries are no longer there.
    void end(long epoch) {
        epochs.end(number(epoch));
    }

    /// Makes epochs that have ended usable again, by clearing what they left.
    ///
    /// @param keep epochs of contexts
    /// @param markers those of them whose entries' first words are epochs, too
    void sweep(BitSet keep, BitSet markers) {
        BitSet now = (BitSet) keep.clone();
        for (int s = 0; s <= mask; s++) {
            if (markers.get(number(hot[2 * s]))) {
                now.set(number(hot[2 * s + 1]));
            }
        }
        epochs.keepOnly(now);
        for (int s = 0; s <= mask; s++) {
            if (hot[2 * s] != 0 && isStale(hot[2 * s])) {
                hot[2 * s] = 0;
            }
        }
    }

    /// The number of an epoch, for [#sweep].
    static int number(long epoch) {
        return (int) (epoch >>> EPOCH_SHIFT);
    }
}
