package dev.belfry.lab.differential;

import dev.belfry.lab.differential.OpinionConfig.Half;
import dev.belfry.model.bits.Bits;
import dev.belfry.model.memory.PhysicalMemory;
import dev.belfry.model.smmu.SmmuIdentity;
import dev.belfry.model.smmu.spec.Descriptor;
import dev.belfry.model.smmu.spec.EventType;

/// A stage 1 walk (Arm ARM D8; IHI 0070 7.3.13 to 7.3.16, 7.3.22).
final class OpinionWalk {

    private static final int LAST = 3;

    private final SmmuIdentity id;
    private final PhysicalMemory memory;
    private final Quirks quirks;

    OpinionWalk(SmmuIdentity id, PhysicalMemory memory, Quirks quirks) {
        this.id = id;
        this.memory = memory;
        this.quirks = quirks;
    }

    /// What a walk found.
    sealed interface Result {
        /// @param pa output address
        /// @param bits log2 of the block around it
        /// @param writable whether QEMU's TLB will let writes through
        record Leaf(long pa, int bits, int level, boolean writable) implements Result {}

        /// @param byTable whether a Table descriptor refused a write
        record Fault(EventType type, long address, boolean byTable) implements Result {
            Fault(EventType type) {
                this(type, 0, false);
            }
        }
    }

    Result walk(OpinionConfig config, Half half, long va, boolean write) {
        if (!half.enabled()) {
            return new Result.Fault(EventType.F_TRANSLATION);
        }
        int stride = half.granule() - 3;
        int level = startLevel(half);
        long table = start(half, level);
        long mask = Bits.lowMask(half.inputBits() - shift(half, level));
        long tables = 0;
        while (true) {
            int shift = shift(half, level);
            long at = table + ((va >>> shift & mask) << 3);
            if (!memory.accepts(at, 8)) {
                return new Result.Fault(EventType.F_WALK_EABT, at, false);
            }
            long d = memory.read(at, 8);
            boolean tableBit = (d & 2) != 0;
            if ((d & 1) == 0 || (level == LAST && !tableBit)) {
                return new Result.Fault(EventType.F_TRANSLATION);
            }
            long out = new Descriptor(d).address(half.granule(), false);
            if (level == LAST || !tableBit) {
                return leaf(config, half, va, write, d, level, out, tables);
            }
            if (write && (d >>> 62 & 1) != 0 && !half.had() && early()) {
                return new Result.Fault(EventType.F_PERMISSION, 0, true);
            }
            if (!Bits.fits(out, config.ips()) && !quirks.take(Quirk.TABLE_SIZE_UNCHECKED)) {
                return new Result.Fault(EventType.F_ADDR_SIZE);
            }
            tables |= half.had() ? 0 : d;
            table = out;
            level++;
            mask = Bits.lowMask(stride);
        }
    }

    private boolean early() {
        return quirks.take(Quirk.APTABLE_BEFORE_LEAF);
    }

    private Result leaf(
            OpinionConfig config,
            Half half,
            long va,
            boolean write,
            long d,
            int level,
            long out,
            long tables) {
        if (level < minBlock(half.granule()) && !quirks.take(Quirk.BLOCK_AT_ANY_LEVEL)) {
            return new Result.Fault(EventType.F_TRANSLATION);
        }
        boolean tooFar = !Bits.fits(out, config.ips()) && !quirks.take(Quirk.OUTPUT_SIZE_UNCHECKED);
        if (tooFar && !quirks.take(Quirk.OUTPUT_SIZE_CHECKED_LAST)) {
            return new Result.Fault(EventType.F_ADDR_SIZE);
        }
        boolean af = Descriptor.AF.isSet(d) || config.affd();
        if (!af && !quirks.take(Quirk.ACCESS_FLAG_IGNORED)) {
            return new Result.Fault(EventType.F_ACCESS);
        }
        int ap = Descriptor.AP.getInt(d);
        int apTable = Descriptor.APTABLE.getInt(tables);
        boolean user = (ap & 1) != 0 && (apTable & 1) == 0;
        boolean readOnly = (ap & 2) != 0 || (apTable & 2) != 0;
        if ((write && readOnly) || (!user && !quirks.take(Quirk.UNPRIVILEGED_IGNORED))) {
            return new Result.Fault(EventType.F_PERMISSION);
        }
        if (tooFar) {
            return new Result.Fault(EventType.F_ADDR_SIZE);
        }
        int shift = shift(half, level);
        long pa = Bits.alignDown(out, shift) | (va & Bits.lowMask(shift));
        return new Result.Leaf(pa, shift, level, (ap & 2) == 0);
    }

    private int minBlock(int granule) {
        return granule == 12 ? 1 : granule == 16 && id.oas() == 52 ? 1 : 2;
    }

    private long start(Half half, int level) {
        int size = half.inputBits() - shift(half, level) + 3;
        long right = Bits.alignDown(half.ttb(), Math.max(6, size));
        long theirs = Bits.alignDown(half.ttb(), size);
        return right != theirs && quirks.take(Quirk.TTB_ALIGNED_BELOW_64_BYTES) ? theirs : right;
    }

    static int startLevel(Half half) {
        return 4 - (half.inputBits() - 4) / (half.granule() - 3);
    }

    static int shift(Half half, int level) {
        return half.granule() + (LAST - level) * (half.granule() - 3);
    }
}
