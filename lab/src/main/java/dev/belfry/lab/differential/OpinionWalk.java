package dev.belfry.lab.differential;

import dev.belfry.lab.differential.OpinionConfig.Half;
import dev.belfry.lab.differential.OpinionResult.Fault;
import dev.belfry.lab.differential.OpinionResult.Leaf;
import dev.belfry.lab.differential.OpinionResult.Recorded;
import dev.belfry.lab.differential.OpinionResult.Whole;
import dev.belfry.model.bits.Bits;
import dev.belfry.model.memory.PhysicalMemory;
import dev.belfry.model.smmu.SmmuIdentity;
import dev.belfry.model.smmu.spec.Descriptor;
import dev.belfry.model.smmu.spec.EventRecord.Cause;
import dev.belfry.model.smmu.spec.EventType;
import org.jspecify.annotations.Nullable;

/// A stage 1 walk (Arm ARM D8; IHI 0070 7.3.13 to 7.3.16, 7.3.22), its tables read through stage 2
/// where there is one.
final class OpinionWalk {

    private static final int LAST = 3;
    private static final int READ = 1;
    private static final int WRITE = 2;

    private final SmmuIdentity id;
    private final PhysicalMemory memory;
    private final Quirks quirks;
    private final OpinionStage2.Reader tables;

    OpinionWalk(
            SmmuIdentity id, PhysicalMemory memory, Quirks quirks, OpinionStage2.Reader tables) {
        this.id = id;
        this.memory = memory;
        this.quirks = quirks;
        this.tables = tables;
    }

    /// Where a descriptor is.
    ///
    /// @param ipa by stage 1's own addresses
    /// @param pa in memory
    private record Place(long ipa, long pa) {}

    OpinionResult walk(OpinionConfig config, Half half, long va, boolean write) {
        if (!half.enabled()) {
            return Fault.stage1(EventType.F_TRANSLATION);
        }
        int level = startLevel(half);
        Place table = start(config, half, level);
        long mask = Bits.lowMask(half.inputBits() - shift(half, level));
        long above = 0;
        while (true) {
            long offset = (va >>> shift(half, level) & mask) << 3;
            Place at = new Place(table.ipa + offset, table.pa + offset);
            if (config.nested()) {
                OpinionResult found = descriptor(config, at);
                if (!(found instanceof Leaf leaf)) {
                    return found;
                }
                at = new Place(at.ipa, leaf.pa());
            }
            if (!memory.accepts(at.pa, 8)) {
                return abort(at.pa);
            }
            long d = memory.read(at.pa, 8);
            boolean tableBit = (d & 2) != 0;
            if ((d & 1) == 0 || (level == LAST && !tableBit)) {
                return Fault.stage1(EventType.F_TRANSLATION);
            }
            long out = new Descriptor(d).address(half.granule(), false);
            if (level == LAST || !tableBit) {
                return leaf(config, half, va, write, d, level, out, above);
            }
            OpinionResult refused = refused(config, half, write, d, out);
            if (refused != null) {
                return refused;
            }
            above |= half.had() ? 0 : d;
            table = new Place(out, out);
            if (config.nested() && quirks.has(Quirk.TABLE_START_TRANSLATED)) {
                OpinionResult found = nextTable(config, out);
                if (!(found instanceof Leaf leaf)) {
                    return found;
                }
                table = new Place(out, leaf.pa());
            }
            level++;
            mask = Bits.lowMask(half.granule() - 3);
        }
    }

    /// What QEMU or the architecture has against a Table descriptor.
    private @Nullable OpinionResult refused(
            OpinionConfig config, Half half, boolean write, long d, long out) {
        if (write && (d >>> 62 & 1) != 0 && !half.had() && quirks.take(Quirk.APTABLE_BEFORE_LEAF)) {
            return new Fault(
                    EventType.F_PERMISSION, false, Cause.IN, 0, false, false, Recorded.CD_R, true);
        }
        boolean tooFar = !Bits.fits(out, config.ips()) && !quirks.take(Quirk.TABLE_SIZE_UNCHECKED);
        return tooFar ? Fault.stage1(EventType.F_ADDR_SIZE) : null;
    }

    /// The descriptor's own IPA is translated; QEMU goes on from where the table's start is.
    private OpinionResult descriptor(OpinionConfig config, Place at) {
        if (!quirks.has(Quirk.TABLE_START_TRANSLATED)) {
            return tables.read(config.stage2(), at.ipa, false, Cause.TT);
        }
        Quirks aside = quirks.fresh();
        OpinionResult right =
                new OpinionStage2(id, memory, aside).walk(config.stage2(), at.ipa, false, Cause.TT);
        if (!(right instanceof Leaf leaf) || leaf.pa() != at.pa) {
            quirks.take(Quirk.TABLE_START_TRANSLATED);
        }
        quirks.takeAll(aside);
        return new Leaf(at.pa, 0, 0, 0, READ, READ, new Whole(0, 0, 0, false));
    }

    /// Where QEMU finds the next table: through its TLB, and what stops it is a fault of stage 1.
    private OpinionResult nextTable(OpinionConfig config, long ipa) {
        OpinionResult found = tables.read(config.stage2(), ipa, false, Cause.TT);
        if (!(found instanceof Fault f)) {
            return found;
        }
        quirks.take(Quirk.TABLE_FAULT_IS_STAGE_1);
        Recorded recorded = f.type() == EventType.F_WALK_EABT ? Recorded.ALWAYS : Recorded.CD_R;
        return new Fault(f.type(), false, Cause.TT, ipa, false, false, recorded, false);
    }

    private Place start(OpinionConfig config, Half half, int level) {
        int size = half.inputBits() - shift(half, level) + 3;
        // At 44 bits of output a small table needs no more than its own alignment (5.4 TTB0).
        long right = Bits.alignDown(half.ttb(), size);
        if (config.nested() && quirks.has(Quirk.TABLE_START_TRANSLATED)) {
            return new Place(
                    right, Bits.alignDown(half.start() & Bits.lowMask(config.ips()), size));
        }
        return new Place(right, right);
    }

    private OpinionResult leaf(
            OpinionConfig config,
            Half half,
            long va,
            boolean write,
            long d,
            int level,
            long out,
            long above) {
        if (level < minBlock(half.granule()) && !quirks.take(Quirk.BLOCK_AT_ANY_LEVEL)) {
            return Fault.stage1(EventType.F_TRANSLATION);
        }
        boolean tooFar = !Bits.fits(out, config.ips()) && !quirks.take(Quirk.OUTPUT_SIZE_UNCHECKED);
        if (tooFar && !quirks.take(Quirk.OUTPUT_SIZE_CHECKED_LAST)) {
            return Fault.stage1(EventType.F_ADDR_SIZE);
        }
        boolean af = Descriptor.AF.isSet(d) || config.affd();
        if (!af && !quirks.take(Quirk.ACCESS_FLAG_IGNORED)) {
            return Fault.stage1(EventType.F_ACCESS);
        }
        int ap = Descriptor.AP.getInt(d);
        int apTable = Descriptor.APTABLE.getInt(above);
        boolean user = (ap & 1) != 0 && (apTable & 1) == 0;
        boolean readOnly = (ap & 2) != 0 || (apTable & 2) != 0;
        if ((write && readOnly) || (!user && !quirks.take(Quirk.UNPRIVILEGED_IGNORED))) {
            return Fault.stage1(EventType.F_PERMISSION);
        }
        if (tooFar) {
            return Fault.stage1(EventType.F_ADDR_SIZE);
        }
        int shift = shift(half, level);
        long pa = Bits.alignDown(out, shift) | (va & Bits.lowMask(shift));
        int perms = (ap & 2) == 0 ? READ | WRITE : READ;
        Whole whole = new Whole(shift, level, half.granule(), !Descriptor.NG.isSet(d));
        return new Leaf(pa, shift, level, half.granule(), perms, perms, whole);
    }

    private int minBlock(int granule) {
        return granule == 12 ? 1 : granule == 16 && id.oas() == 52 ? 1 : 2;
    }

    private static Fault abort(long at) {
        return new Fault(
                EventType.F_WALK_EABT, false, Cause.TT, at, false, false, Recorded.ALWAYS, false);
    }

    static int startLevel(Half half) {
        return 4 - (half.inputBits() - 4) / (half.granule() - 3);
    }

    static int shift(Half half, int level) {
        return half.granule() + (LAST - level) * (half.granule() - 3);
    }
}
