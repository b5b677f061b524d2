package dev.belfry.lab.differential;

import dev.belfry.lab.differential.OpinionConfig.Half;
import dev.belfry.lab.differential.OpinionConfig.Stage2;
import dev.belfry.lab.differential.OpinionResult.Fault;
import dev.belfry.lab.differential.OpinionResult.Leaf;
import dev.belfry.lab.differential.OpinionResult.Recorded;
import dev.belfry.model.bits.Bits;
import dev.belfry.model.memory.PhysicalMemory;
import dev.belfry.model.smmu.SmmuIdentity;
import dev.belfry.model.smmu.spec.EventRecord.Cause;
import dev.belfry.model.smmu.spec.EventType;
import org.jspecify.annotations.Nullable;

/// A translation by the stages that are on, and QEMU's TLB in front of it.
final class OpinionTranslation {

    private static final int READ = 1;
    private static final int WRITE = 2;

    private final SmmuIdentity id;
    private final PhysicalMemory memory;
    private final Quirks quirks;
    private final OpinionTlb tlb;
    private final boolean caching;

    OpinionTranslation(SmmuIdentity id, PhysicalMemory memory, Quirks quirks, OpinionTlb tlb) {
        this(id, memory, quirks, tlb, quirks.has(Quirk.STALE_TRANSLATION));
    }

    private OpinionTranslation(
            SmmuIdentity id,
            PhysicalMemory memory,
            Quirks quirks,
            OpinionTlb tlb,
            boolean caching) {
        this.id = id;
        this.memory = memory;
        this.quirks = quirks;
        this.tlb = tlb;
        this.caching = caching;
    }

    /// The same as if nothing were cached; what it takes does not count.
    OpinionTranslation afresh() {
        return new OpinionTranslation(id, memory, quirks.fresh(), tlb, false);
    }

    /// The IPA of a CD or of a table, through stage 2 alone.
    OpinionResult table(OpinionConfig config, long ipa, Cause cause) {
        int limit = config.stage1() ? config.ips() : id.ias();
        OpinionConfig alone = OpinionConfig.stage2Only(config.stage2(), config.vmid(), limit);
        OpinionResult found = stage2Only(alone, ipa, false, cause);
        if (!(found instanceof Fault f)) {
            return found;
        }
        // QEMU says that the fetch of a CD, and of what TTB leads to, is a read.
        boolean early = cause == Cause.CD || quirks.has(Quirk.TABLE_START_TRANSLATED);
        return !early
                ? f
                : new Fault(
                        f.type(),
                        f.stage2(),
                        cause,
                        f.second(),
                        quirks.take(Quirk.RNW_OF_FETCHES),
                        f.ttrnw(),
                        f.recorded(),
                        false);
    }

    /// An address of a stream without stage 1.
    OpinionResult stage2Only(OpinionConfig config, long ipa, boolean write, Cause cause) {
        Stage2 s2 = config.stage2();
        OpinionTlb.Entry kept =
                caching
                        ? tlb.find(OpinionTlb.ANY, config.vmid(), s2.granule(), s2.inputBits(), ipa)
                        : null;
        if (kept != null) {
            Leaf here = here(kept, ipa);
            return settle(
                    kept,
                    cause == Cause.IN ? allowed2(here, write) : here,
                    here,
                    write,
                    (t, w) -> t.stage2Only(config, ipa, w, cause));
        }
        if (!Bits.fits(ipa, config.ips())) {
            boolean lost = quirks.take(Quirk.INPUT_SIZE_NOT_RECORDED);
            return new Fault(
                    EventType.F_ADDR_SIZE,
                    false,
                    Cause.IN,
                    0,
                    false,
                    false,
                    lost ? Recorded.NEVER : Recorded.ALWAYS,
                    false);
        }
        OpinionResult found = new OpinionStage2(id, memory, quirks).walk(s2, ipa, write, cause);
        if (caching && found instanceof Leaf leaf) {
            tlb.put(OpinionTlb.ANY, config.vmid(), ipa, leaf);
        }
        return found;
    }

    /// An address of a stream with stage 1, in the half that it belongs to.
    OpinionResult stage1(OpinionConfig config, Half half, long va, boolean write) {
        OpinionTlb.Entry kept = caching && half.enabled() ? find(config, half, va) : null;
        if (kept != null) {
            Leaf here = here(kept, va);
            return settle(
                    kept,
                    allowed(here, write),
                    here,
                    write,
                    (t, w) -> t.stage1(config, half, va, w));
        }
        OpinionResult found = both(config, half, va, write);
        if (caching && found instanceof Leaf leaf) {
            tlb.put(config.asid(), config.vmid(), va, leaf);
        }
        return found;
    }

    private OpinionTlb.@Nullable Entry find(OpinionConfig config, Half half, long va) {
        OpinionTlb.Entry own =
                tlb.find(config.asid(), config.vmid(), half.granule(), half.inputBits(), va);
        int other = config.stage2().granule();
        return own != null || !config.nested() || other == half.granule()
                ? own
                : tlb.find(config.asid(), config.vmid(), other, half.inputBits(), va);
    }

    private OpinionResult both(OpinionConfig config, Half half, long va, boolean write) {
        OpinionStage2.Reader reader = (s2, ipa, w, cause) -> table(config, ipa, cause);
        OpinionResult first =
                new OpinionWalk(id, memory, quirks, reader).walk(config, half, va, write);
        if (!config.nested() || !(first instanceof Leaf one)) {
            return first;
        }
        OpinionResult second =
                new OpinionStage2(id, memory, quirks)
                        .walk(config.stage2(), one.pa(), write, Cause.IN);
        if (!(second instanceof Leaf two)) {
            return second;
        }
        boolean smaller = two.bits() < one.bits();
        return new Leaf(
                two.pa(),
                Math.min(one.bits(), two.bits()),
                smaller ? two.level() : one.level(),
                smaller ? two.granule() : one.granule(),
                one.perms(),
                two.perms(),
                one.whole());
    }

    private interface Fresh {
        OpinionResult find(OpinionTranslation walks, boolean write);
    }

    private static Leaf here(OpinionTlb.Entry kept, long va) {
        Leaf leaf = kept.leaf;
        long mask = Bits.lowMask(leaf.bits());
        return new Leaf(
                (leaf.pa() & ~mask) | (va & mask),
                leaf.bits(),
                leaf.level(),
                leaf.granule(),
                leaf.perms(),
                leaf.parent(),
                leaf.whole());
    }

    /// What QEMU makes of an entry with stage 1: writes are checked, without the IPA; reads are
    /// not.
    private static OpinionResult allowed(Leaf here, boolean write) {
        if (!write || (here.perms() & here.parent() & WRITE) != 0) {
            return here;
        }
        boolean two = (here.perms() & WRITE) != 0;
        return new Fault(
                EventType.F_PERMISSION,
                two,
                Cause.IN,
                0,
                false,
                false,
                two ? Recorded.STE_S2R : Recorded.CD_R,
                false);
    }

    /// What it makes of one without stage 1: a refusal is stage 1's, which records nothing here.
    private static OpinionResult allowed2(Leaf here, boolean write) {
        return (here.perms() & (write ? WRITE : READ)) != 0
                ? here
                : new Fault(
                        EventType.F_PERMISSION,
                        false,
                        Cause.IN,
                        0,
                        false,
                        false,
                        Recorded.NEVER,
                        false);
    }

    /// Why a hit gives something else than a walk would, if it does.
    private OpinionResult settle(
            OpinionTlb.Entry kept, OpinionResult now, Leaf here, boolean write, Fresh fresh) {
        OpinionTranslation walks = afresh();
        OpinionResult walked = fresh.find(walks, write);
        if (same(now, walked)) {
            quirks.takeAll(walks.quirks);
            return now;
        }
        boolean asEver =
                fresh.find(afresh(), !write) instanceof Leaf other
                        && other.pa() == here.pa()
                        && other.perms() == here.perms()
                        && other.parent() == here.parent();
        boolean byTable = walked instanceof Fault f && f.byTable();
        quirks.take(
                kept.doomed
                        ? Quirk.TLBI_TOO_NARROW
                        : byTable
                                ? Quirk.TLB_FORGETS_APTABLE
                                : asEver ? Quirk.TLB_KNOWS_LESS : Quirk.STALE_TRANSLATION);
        return now;
    }

    private static boolean same(OpinionResult a, OpinionResult b) {
        boolean both = a instanceof Leaf && b instanceof Leaf;
        return both ? ((Leaf) a).pa() == ((Leaf) b).pa() : a.equals(b);
    }
}
