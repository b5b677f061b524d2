package dev.belfry.kernel.smmu;

import dev.belfry.kernel.Machine;
import dev.belfry.kernel.memory.PageAllocator;
import dev.belfry.model.smmu.spec.SmmuRegister.StrtabBase;
import dev.belfry.model.smmu.spec.SmmuRegister.StrtabBaseCfg;

/// The stream table (IHI 0070 3.3.1): linear, or two levels with leaves of 256 entries that are
/// made when a stream below them first appears. A new entry says abort.
public final class StreamTable {

    private static final int STE_BYTES = 64;
    private static final int SPLIT = SmmuFeatures.SPLIT;
    private static final int SPAN = SPLIT + 1;

    /// Level 1 takes at most 1 MiB: 2^17 descriptors.
    private static final int MAX_L1_BITS = 17;

    private final Machine machine;
    private final PageAllocator pages;
    private final boolean twoLevel;
    private final int log2Size;
    private final long base;

    StreamTable(Machine machine, PageAllocator pages, SmmuFeatures features) {
        this.machine = machine;
        this.pages = pages;
        this.twoLevel = features.twoLevelStreamTable();
        if (twoLevel) {
            int l1Bits = Math.min(MAX_L1_BITS, features.sidBits() - SPLIT);
            this.log2Size = l1Bits + SPLIT;
            this.base = pages.allocate(8L << l1Bits);
        } else {
            this.log2Size = features.sidBits();
            this.base = pages.allocate((long) STE_BYTES << log2Size);
            initialise(base, 1 << log2Size);
        }
    }

    long baseRegister() {
        return StrtabBase.RA.mask() | base;
    }

    long configRegister() {
        return StrtabBaseCfg.LOG2SIZE.of(log2Size)
                | StrtabBaseCfg.SPLIT.of(twoLevel ? SPLIT : 0)
                | StrtabBaseCfg.FMT.of(twoLevel ? 1 : 0);
    }

    /// Physical address of the table.
    public long base() {
        return base;
    }

    /// Whether the table can hold the stream (`ERANGE` where it cannot).
    public boolean covers(int streamId) {
        return log2Size >= 32 || streamId >>> log2Size == 0;
    }

    /// Physical address of a stream's entry; its leaf is made if need be.
    public long entry(int streamId) {
        if (!covers(streamId)) {
            throw new IllegalArgumentException(
                    "StreamID beyond the table: " + Integer.toHexString(streamId));
        }
        if (!twoLevel) {
            return base + Integer.toUnsignedLong(streamId) * STE_BYTES;
        }
        long slot = base + 8L * (streamId >>> SPLIT);
        long descriptor = machine.read(slot, 8);
        if (descriptor == 0) {
            long leaf = pages.allocate((long) STE_BYTES << SPLIT);
            initialise(leaf, 1 << SPLIT);
            descriptor = leaf | SPAN;
            machine.write(slot, 8, descriptor);
        }
        long leaf = descriptor & -(1L << (SPLIT + 6));
        return leaf + (long) (streamId & ((1 << SPLIT) - 1)) * STE_BYTES;
    }

    private void initialise(long at, int entries) {
        StreamEntry abort = StreamEntry.abort();
        for (int i = 0; i < entries; i++) {
            long entry = at + (long) i * STE_BYTES;
            machine.write(entry, 8, abort.w0());
            machine.write(entry + 8, 8, abort.w1());
        }
    }
}
