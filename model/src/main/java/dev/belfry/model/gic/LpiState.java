package dev.belfry.model.gic;

import dev.belfry.model.gic.spec.GicrPendbaser;
import dev.belfry.model.gic.spec.GicrPropbaser;
import dev.belfry.model.gic.spec.LpiConfig;
import dev.belfry.model.memory.PhysicalMemory;
import org.jspecify.annotations.Nullable;

/// The LPIs of one Redistributor: what is pending, and the configuration as far as it was read.
///
/// Configuration is read when an LPI first becomes pending and [kept][LpiConfigCache] until it is
/// invalidated (IHI 0069 5.1.1 allows any caching); with `snoops` it is read again each time, as
/// QEMU does. Pending state is kept here and, with `snoops`, in the pending table too; the table is
/// read when LPIs are enabled and written when they are disabled.
final class LpiState {

    private static final int LEVELS = 64;
    private final PhysicalMemory memory;
    private final int maxIdBits;
    private final boolean snoops;
    private final LpiConfigCache cache;
    private final @Nullable BitTree[] ready = new BitTree[LEVELS];
    private @Nullable BitTree pending;
    private long levels;
    private long pendingBase;
    private int limit;

    LpiState(PhysicalMemory memory, LpiConfigCache cache, int maxIdBits, boolean snoops) {
        this.memory = memory;
        this.cache = cache;
        this.maxIdBits = maxIdBits;
        this.snoops = snoops;
    }

    /// EnableLPIs became 1.
    void enable(GicrPropbaser properties, GicrPendbaser pendings) {
        int bits = Math.min(properties.idBits(), maxIdBits);
        pendingBase = pendings.address();
        limit = bits < 14 ? 0 : 1 << bits;
        levels = 0;
        java.util.Arrays.fill(ready, null);
        pending = null;
        cache.place(properties.address(), limit);
        if (!pendings.ptz() && limit != 0) {
            loadPending();
        }
    }

    /// EnableLPIs became 0.
    void disable() {
        BitTree was = pending;
        if (was != null && !snoops) {
            was.forEach(intid -> pendingBit(intid, true));
        }
        limit = 0;
        levels = 0;
        pending = null;
        java.util.Arrays.fill(ready, null);
    }

    /// Whether `intid` is an LPI that the tables have room for, and LPIs are enabled.
    boolean accepts(int intid) {
        return intid >= LpiConfig.FIRST_LPI && intid < limit;
    }

    /// One more than the highest INTID there may be; 0 while LPIs are disabled.
    int limit() {
        return limit;
    }

    /// Makes an LPI pending that [#accepts] accepts.
    ///
    /// @return whether its configuration lets it through
    boolean set(int intid) {
        BitTree tree = pendingTree();
        if (!tree.get(intid)) {
            tree.set(intid);
            if (snoops) {
                pendingBit(intid, true);
            }
            return place(intid, snoops ? cache.load(intid) : config(intid));
        }
        return snoops ? refresh(intid) : LpiConfig.ENABLE.isSet(config(intid));
    }

    boolean isPending(int intid) {
        return pending != null && accepts(intid) && pending.get(intid);
    }

    /// Makes `intid` not pending.
    ///
    /// @return whether it was
    boolean clear(int intid) {
        if (!isPending(intid)) {
            return false;
        }
        pendingTree().clear(intid);
        unplace(intid, config(intid));
        if (snoops) {
            pendingBit(intid, false);
        }
        return true;
    }

    /// INV: reads the configuration of `intid` again.
    void invalidate(int intid) {
        if (accepts(intid)) {
            refresh(intid);
        }
    }

    /// INVALL: reads all configuration again, when it is needed.
    void invalidateAll() {
        if (limit == 0) {
            return;
        }
        levels = 0;
        java.util.Arrays.fill(ready, null);
        cache.forget();
        if (pending != null) {
            pending.forEach(intid -> place(intid, cache.load(intid)));
        }
    }

    /// Moves all pending state to another Redistributor. What that one has no room for is lost.
    void moveAllTo(LpiState target) {
        BitTree from = pending;
        if (from != null) {
            from.forEach(intid -> {
                clear(intid);
                if (target.accepts(intid)) {
                    target.set(intid);
                }
            });
        }
    }

    /// Priority of the best LPI that may be taken; 256 when there is none.
    int bestPriority() {
        return levels == 0 ? 256 : Long.numberOfTrailingZeros(levels) << 2;
    }

    /// The best LPI that may be taken; -1 when there is none.
    int best() {
        BitTree tree = levels == 0 ? null : ready[Long.numberOfTrailingZeros(levels)];
        return tree == null ? -1 : tree.first();
    }

    /// The configuration byte of an LPI that [#accepts] accepts, as this Redistributor knows it.
    int config(int intid) {
        return cache.get(intid);
    }

    /// Whether the configuration of an LPI that [#accepts] accepts is cached, and the cache is
    /// used.
    boolean trustsCache(int intid) {
        return !snoops && cache.has(intid);
    }

    /// Writes the pending table, as if LPIs were disabled and enabled again.
    ///
    /// @return false when memory does not answer
    boolean save() {
        for (int at = LpiConfig.FIRST_LPI; at < limit; at += 64) {
            long word = 0;
            for (int i = 0; pending != null && i < 64; i++) {
                word |= pending.get(at + i) ? 1L << i : 0;
            }
            long address = pendingBase + (at >>> 3);
            if (!memory.accepts(address, 8)) {
                return false;
            }
            if (memory.read(address, 8) != word) {
                memory.write(address, 8, word);
            }
        }
        return true;
    }

    private boolean refresh(int intid) {
        int old = cache.get(intid);
        int now = cache.load(intid);
        if (!isPending(intid)) {
            return LpiConfig.ENABLE.isSet(now);
        }
        unplace(intid, old);
        return place(intid, now);
    }

    private boolean place(int intid, int value) {
        if (!LpiConfig.ENABLE.isSet(value)) {
            return false;
        }
        int level = value >>> 2;
        BitTree tree = ready[level];
        if (tree == null) {
            tree = new BitTree(Math.max(12, 31 - Integer.numberOfLeadingZeros(limit)));
            ready[level] = tree;
        }
        tree.set(intid);
        levels |= 1L << level;
        return true;
    }

    private void unplace(int intid, int value) {
        int level = value >>> 2;
        BitTree tree = ready[level];
        if (tree != null) {
            tree.clear(intid);
            if (tree.isEmpty()) {
                levels &= ~(1L << level);
            }
        }
    }

    private BitTree pendingTree() {
        BitTree tree = pending;
        if (tree == null) {
            tree = new BitTree(Math.max(12, 31 - Integer.numberOfLeadingZeros(limit)));
            pending = tree;
        }
        return tree;
    }

    private void pendingBit(int intid, boolean set) {
        long address = pendingBase + (intid >>> 3);
        int bit = 1 << (intid & 7);
        long old = memory.read(address, 1);
        memory.write(address, 1, set ? old | bit : old & ~bit);
    }

    private void loadPending() {
        byte[] block = new byte[1024];
        for (int at = LpiConfig.FIRST_LPI / 8; at < limit / 8; at += block.length) {
            if (!memory.readBytes(pendingBase + at, block, 0, block.length)) {
                return;
            }
            for (int i = 0; i < block.length; i++) {
                for (int bits = block[i] & 0xff; bits != 0; bits &= bits - 1) {
                    set((at + i) * 8 + Integer.numberOfTrailingZeros(bits));
                }
            }
        }
    }
}
