package dev.belfry.model.smmu;

import dev.belfry.model.bits.Bits;
import dev.belfry.model.journey.Probe;
import dev.belfry.model.memory.PhysicalMemory;
import dev.belfry.model.smmu.spec.Descriptor;
import dev.belfry.model.smmu.spec.EventRecord.Cause;
import dev.belfry.model.smmu.spec.EventType;
import dev.belfry.model.smmu.spec.SmmuRegister.Idr3;
import org.jspecify.annotations.Nullable;

/// The VMSAv8-64 table walks of both stages (IHI 0070 3.4, 7.3.22; Arm ARM D8).
///
/// A walk leaves its result in this object's fields, so that a successful one allocates nothing.
/// One walker serves one SMMU, on one thread. The order of checks is that of 7.3.22.
final class Walker {

    private static final int MAX_RETRIES = 4;

    /// The MAIR of a bypassed stage 1: Normal write-back whatever AttrIndx says.
    private static final long DEFAULT_TYPE = -1L;

    private final PhysicalMemory memory;
    private final Stage2Walk stage2;
    private final int ias;

    /// Who watches the walk; [Probe#NONE] mostly.
    private Probe probe = Probe.NONE;

    private boolean watching;
    private boolean update;

    /// Why the last walk failed.
    private @Nullable Fault fault;

    // What the last stage 1 walk found.
    long ipa;
    int level1;
    int blockBits1;
    int perms1;
    long leaf1;

    // What the last stage 2 walk found.
    int perms2;
    long leaf2;
    int level2;

    // What attributes of the last walk's leaves go by.
    long mair;
    boolean forceWriteBack;

    // What the last walk of all enabled stages found.
    long pa;
    int blockBits;

    /// Whether hardware may yet make the page writable: a refusal of the TLB is not final.
    boolean clean;

    Walker(PhysicalMemory memory, SmmuIdentity id) {
        this.memory = memory;
        this.stage2 = new Stage2Walk(memory, id.has3(Idr3.XNX));
        this.ias = id.ias();
    }

    /// Prepares for walks.
    ///
    /// @param watcher is told each descriptor when it is on
    /// @param hardwareUpdates whether access flags and dirty state may be written
    void begin(Probe watcher, boolean hardwareUpdates) {
        probe = watcher;
        watching = watcher.on();
        update = hardwareUpdates;
        fault = null;
        stage2.begin(watcher, hardwareUpdates);
    }

    /// Why the last walk failed.
    Fault fault() {
        Fault f = fault;
        if (f == null) {
            throw new IllegalStateException("no walk failed");
        }
        return f;
    }

    /// Walks all enabled stages for a transaction.
    ///
    /// @param cd the context, or null when stage 1 is bypassed
    /// @param address input address, in the form that [Route#canonical] gives
    /// @param need the permission bit that the access needs; of several, any that is there will do
    /// @return false for a fault
    boolean walk(StreamConfig stream, @Nullable ContextConfig cd, long address, int need) {
        clean = false;
        mair = cd == null ? DEFAULT_TYPE : cd.cd().mair();
        forceWriteBack = stream.forceWriteBack();
        if (cd == null) {
            if (!Bits.fits(address, ias)) {
                fault =
                        Fault.configuration(
                                EventType.F_ADDR_SIZE,
                                0,
                                "Input address beyond the IAS of "
                                        + ias
                                        + " bits, stage 1 bypassed: F_ADDR_SIZE (IHI 0070 3.4.1)");
                return false;
            }
            bypass(address);
        } else if (!stage1(stream, cd, address, need)) {
            return false;
        }
        if (!stream.stage2()) {
            pa = ipa;
            blockBits = blockBits1;
            perms2 = Permissions.ALL;
            leaf2 = 0;
            return true;
        }
        // Stage 2 is asked for what stage 1 allows, and made dirty for no more (3.13.7.1).
        if (!second(stream, ipa, Cause.IN, need & perms1)) {
            return false;
        }
        pa = stage2.pa;
        blockBits = Math.min(blockBits1, stage2.blockBits);
        perms2 = stage2.perms;
        leaf2 = stage2.leaf;
        level2 = stage2.level;
        clean |= stage2.clean;
        return true;
    }

    /// What a bypassed stage 1 gives.
    void bypass(long address) {
        ipa = address;
        blockBits1 = 64;
        perms1 = Permissions.ALL;
        leaf1 = 0;
        level1 = 0;
    }

    /// Translates the address of a CD or L1CD through stage 2.
    ///
    /// @return false for a fault; else [#fetched] is where it lies
    boolean fetch(StreamConfig stream, long address) {
        return second(stream, address, Cause.CD, Permissions.UR);
    }

    /// Physical address found by [#fetch].
    long fetched() {
        return stage2.pa;
    }

    /// The half of the address space that an address belongs to.
    static TableConfig half(StreamConfig.World world, ContextConfig cd, long address) {
        return world.twoPrivileges && (address >>> 55 & 1) != 0 ? cd.upper() : cd.lower();
    }

    private boolean stage1(StreamConfig stream, ContextConfig cd, long va, int need) {
        StreamConfig.World world = stream.world();
        TableConfig t = half(world, cd, va);
        boolean high = world.twoPrivileges && va < 0;
        if (!Bits.fits(high ? ~va : va, t.inputBits()) || !t.enabled()) {
            String rule =
                    t.enabled()
                            ? "Input address outside the range that TxSZ gives: F_TRANSLATION (IHI"
                                    + " 0070 7.3.13)"
                            : "EPDx = 1 disables this half: F_TRANSLATION (IHI 0070 5.4.1.1)";
            if (watching) {
                WalkTrace.noDescriptor(probe, 1, t.startLevel(), va, rule);
            }
            return fail(Fault.stage1(EventType.F_TRANSLATION, rule));
        }
        for (int attempt = 0; attempt < MAX_RETRIES; attempt++) {
            int outcome = stage1Once(stream, cd, t, va, need);
            if (outcome != AGAIN) {
                return outcome == DONE;
            }
        }
        return fail(WalkFaults.walkAbort(1, Cause.TT, ipa));
    }

    private static final int FAILED = 0;
    private static final int DONE = 1;
    private static final int AGAIN = 2;

    private int stage1Once(
            StreamConfig stream, ContextConfig cd, TableConfig t, long va, int need) {
        long table = t.base();
        int level = t.startLevel();
        int stride = t.stride();
        int shift = t.shift(level);
        long mask = Bits.lowMask(t.inputBits() - shift);
        long beyond = ~Bits.lowMask(t.outputBits());
        boolean nested = stream.stage2();
        long tables = 0;
        while (true) {
            long at = table + ((va >>> shift & mask) << 3);
            long physical = at;
            if (nested) {
                if (!second(stream, at, Cause.TT, Permissions.UR)) {
                    return FAILED;
                }
                physical = stage2.pa;
            }
            long d = memory.read(physical, 8);
            if (d == 0 && !memory.accepts(physical, 8)) {
                return failed(WalkFaults.walkAbort(1, Cause.TT, physical), level, physical);
            }
            long out = Descriptor.address(d, t.granuleBits(), t.lpa());
            if (level == 3 || !Descriptor.isTable(d) || (out & beyond) != 0) {
                return last(stream, cd, t, va, need, at, physical, d, level, shift, out, tables);
            }
            if (watching) {
                WalkTrace.descriptor(probe, 1, level, physical, d, true, out, "");
            }
            tables |= d;
            table = out;
            level++;
            shift -= stride;
            mask = (1L << stride) - 1;
        }
    }

    /// The descriptor with which the walk ends: a leaf, or one that is wrong.
    private int last(
            StreamConfig stream,
            ContextConfig cd,
            TableConfig t,
            long va,
            int need,
            long at,
            long physical,
            long d,
            int level,
            int shift,
            long out,
            long tables) {
        boolean tableBit = (d & 2) != 0;
        EventType bad = WalkFaults.check(d, tableBit, level, t, out);
        if (bad != EventType.RESERVED) {
            return broken(bad, level, physical, d, tableBit && level < 3, out);
        }
        long above = t.had() ? 0 : tables;
        return leaf1(stream, cd, t, va, need, at, physical, d, level, shift, out, above);
    }

    private int leaf1(
            StreamConfig stream,
            ContextConfig cd,
            TableConfig t,
            long va,
            int need,
            long at,
            long physical,
            long d,
            int level,
            int shift,
            long out,
            long tables) {
        ipa = Bits.alignDown(out, shift) | (va & Bits.lowMask(shift));
        if (!Descriptor.AF.isSet(d) && !t.ha() && !t.affd()) {
            return broken(EventType.F_ACCESS, level, physical, d, false, out);
        }
        int perms = Permissions.stage1(d, tables, t.hd(), stream.world(), cd);
        if ((perms & need) == 0) {
            return broken(EventType.F_PERMISSION, level, physical, d, false, out);
        }
        boolean write = (perms & need & Permissions.ANY_WRITE) != 0;
        long now = t.ha() ? d | Descriptor.AF.mask() : d;
        if (t.hd() && write && Descriptor.DBM.isSet(d)) {
            now &= ~(1L << 7);
        }
        if (now != d) {
            if (stream.stage2() && !second(stream, at, Cause.TT, Permissions.UW)) {
                return FAILED;
            }
            if (update && !memory.compareAndSet(stream.stage2() ? stage2.pa : physical, d, now)) {
                return AGAIN;
            }
        }
        if (watching) {
            WalkTrace.descriptor(probe, 1, level, physical, d, false, ipa, "");
        }
        // A clean page counts as writable for WXN and PXN, but a write must come here again.
        perms1 = t.hd() && (now & 1L << 7) != 0 ? perms & ~Permissions.ANY_WRITE : perms;
        clean = t.hd() && Descriptor.DBM.isSet(now);
        blockBits1 = shift;
        level1 = level;
        leaf1 = now;
        return DONE;
    }

    private int broken(EventType type, int level, long at, long d, boolean table, long out) {
        Fault f = Fault.stage1(type, WalkFaults.rule(type, 1, level));
        fault = f;
        if (watching) {
            WalkTrace.descriptor(probe, 1, level, at, d, table, out, f.rule());
        }
        return FAILED;
    }

    /// Sends an IPA through stage 2.
    private boolean second(StreamConfig stream, long address, Cause cause, int need) {
        if (stage2.walk(stream, address, cause, need)) {
            return true;
        }
        fault = stage2.fault();
        return false;
    }

    private boolean fail(Fault f) {
        fault = f;
        return false;
    }

    private int failed(Fault f, int level, long at) {
        fault = f;
        if (watching) {
            WalkTrace.noDescriptor(probe, 1, level, at, f.rule());
        }
        return FAILED;
    }
}
