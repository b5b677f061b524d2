package dev.belfry.model.smmu;

import dev.belfry.model.bits.Bits;
import dev.belfry.model.journey.Probe;
import dev.belfry.model.memory.PhysicalMemory;
import dev.belfry.model.smmu.spec.Descriptor;
import dev.belfry.model.smmu.spec.EventRecord.Cause;
import dev.belfry.model.smmu.spec.EventType;
import org.jspecify.annotations.Nullable;

/// The stage 2 walk, for a transaction's IPA and for the CDs and tables of stage 1 (Arm ARM D8.2).
///
/// The result is left in the fields, as [Walker] does.
final class Stage2Walk {

    private static final int MAX_RETRIES = 4;
    private static final int FAILED = 0;
    private static final int DONE = 1;
    private static final int AGAIN = 2;

    private final PhysicalMemory memory;
    private final boolean xnx;
    private Probe probe = Probe.NONE;
    private boolean watching;
    private boolean update;
    private @Nullable Fault fault;

    /// The tables that this transaction's last walk went through, by level, down to [#deepest]. The
    /// tables and the page of a stage 1 walk lie near one another: their walks share upper levels.
    private final long[] tables = new long[4];

    private int deepest;
    private long walked;

    /// Output address.
    long pa;

    int level;
    int blockBits;
    int perms;
    long leaf;

    /// Whether hardware may yet make the page writable.
    boolean clean;

    Stage2Walk(PhysicalMemory memory, boolean xnx) {
        this.memory = memory;
        this.xnx = xnx;
    }

    void begin(Probe watcher, boolean hardwareUpdates) {
        probe = watcher;
        watching = watcher.on();
        update = hardwareUpdates;
        fault = null;
        deepest = 0;
    }

    /// Why the last walk failed.
    @Nullable Fault fault() {
        return fault;
    }

    /// Translates an IPA.
    ///
    /// @param cause what the translation is for
    /// @param need the permission bit that the access needs; of several, any that is there will do
    /// @return false for a fault
    boolean walk(StreamConfig stream, long address, Cause cause, int need) {
        TableConfig t = stream.table();
        if (!Bits.fits(address, t.inputBits())) {
            Fault f = WalkFaults.stage2(EventType.F_TRANSLATION, cause, address, need);
            if (watching) {
                WalkTrace.noDescriptor(probe, 2, t.startLevel(), address, f.rule());
            }
            return fail(f);
        }
        for (int attempt = 0; attempt < MAX_RETRIES; attempt++) {
            int outcome = once(stream, t, address, cause, need);
            if (outcome != AGAIN) {
                return outcome == DONE;
            }
        }
        return fail(WalkFaults.walkAbort(2, cause, pa));
    }

    private int once(StreamConfig stream, TableConfig t, long address, Cause cause, int need) {
        int level = sharedLevel(t, address);
        boolean fromTheTop = level == t.startLevel();
        long table = fromTheTop ? t.base() : tables[level];
        int stride = t.stride();
        int shift = t.shift(level);
        long mask = Bits.lowMask(fromTheTop ? t.inputBits() - shift : stride);
        long beyond = ~Bits.lowMask(t.outputBits());
        walked = address;
        deepest = 0;
        while (true) {
            long at = table + ((address >>> shift & mask) << 3);
            long d = memory.read(at, 8);
            if (d == 0 && !memory.accepts(at, 8)) {
                return failed(WalkFaults.walkAbort(2, cause, at), 2, level, at);
            }
            long out = Descriptor.address(d, t.granuleBits(), t.lpa());
            if (level == 3 || !Descriptor.isTable(d) || (out & beyond) != 0) {
                deepest = level;
                return last(stream, t, address, cause, need, at, d, level, shift, out);
            }
            if (watching) {
                WalkTrace.descriptor(probe, 2, level, at, d, true, out, "");
            }
            table = out;
            level++;
            tables[level] = out;
            shift -= stride;
            mask = (1L << stride) - 1;
        }
    }

    /// The level at which the way of `address` leaves that of the last walk; the start level for a
    /// transaction's first walk. Someone who watches is shown each descriptor.
    private int sharedLevel(TableConfig t, long address) {
        int level = watching ? 0 : deepest;
        while (level > t.startLevel() && (address ^ walked) >>> t.shift(level - 1) != 0) {
            level--;
        }
        return Math.max(level, t.startLevel());
    }

    /// The descriptor with which the walk ends: a leaf, or one that is wrong.
    private int last(
            StreamConfig stream,
            TableConfig t,
            long address,
            Cause cause,
            int need,
            long at,
            long d,
            int level,
            int shift,
            long out) {
        boolean tableBit = (d & 2) != 0;
        EventType bad = WalkFaults.check(d, tableBit, level, t, out);
        return bad == EventType.RESERVED
                ? finish(stream, t, address, cause, need, at, d, level, shift, out)
                : broken(bad, level, at, d, tableBit && level < 3, out, address, cause, need);
    }

    private int finish(
            StreamConfig stream,
            TableConfig t,
            long address,
            Cause cause,
            int need,
            long at,
            long d,
            int level,
            int shift,
            long out) {
        if (!Descriptor.AF.isSet(d) && !t.ha() && !t.affd()) {
            return broken(EventType.F_ACCESS, level, at, d, false, out, address, cause, need);
        }
        int perms = Permissions.stage2(d, t.hd(), xnx);
        if ((perms & need) == 0
                || (cause != Cause.IN && stream.protectTables() && isDevice(stream, d))) {
            return broken(EventType.F_PERMISSION, level, at, d, false, out, address, cause, need);
        }
        boolean write = (perms & need & Permissions.ANY_WRITE) != 0;
        long now = t.ha() ? d | Descriptor.AF.mask() : d;
        if (t.hd() && write && Descriptor.DBM.isSet(d)) {
            now |= 1L << 7;
        }
        if (now != d && update && !memory.compareAndSet(at, d, now)) {
            pa = at;
            return AGAIN;
        }
        pa = Bits.alignDown(out, shift) | (address & Bits.lowMask(shift));
        if (watching) {
            WalkTrace.descriptor(probe, 2, level, at, d, false, pa, "");
        }
        // A write to a clean page must come here again.
        this.perms = t.hd() && (now & 1L << 7) == 0 ? perms & ~Permissions.ANY_WRITE : perms;
        clean = t.hd() && Descriptor.DBM.isSet(now);
        blockBits = shift;
        this.level = level;
        leaf = now;
        return DONE;
    }

    /// Whether a stage 2 leaf maps any Device type: MemAttr[3:2] = 0, and with S2FWB MemAttr[2] =
    /// 0.
    private static boolean isDevice(StreamConfig stream, long leaf) {
        int attr = Descriptor.MEMATTR.getInt(leaf);
        return stream.forceWriteBack() ? (attr & 4) == 0 : (attr & 0xc) == 0;
    }

    private int broken(
            EventType type,
            int level,
            long at,
            long d,
            boolean table,
            long out,
            long address,
            Cause cause,
            int need) {
        Fault f = WalkFaults.stage2(type, cause, address, need);
        fault = f;
        if (watching) {
            WalkTrace.descriptor(probe, 2, level, at, d, table, out, f.rule());
        }
        return FAILED;
    }

    private boolean fail(Fault f) {
        fault = f;
        return false;
    }

    private int failed(Fault f, int stage, int level, long at) {
        fault = f;
        if (watching) {
            WalkTrace.noDescriptor(probe, stage, level, at, f.rule());
        }
        return FAILED;
    }
}
