package dev.belfry.model.smmu;

import dev.belfry.model.journey.Probe;
import dev.belfry.model.memory.PhysicalMemory;
import dev.belfry.model.memory.SparseRam;
import dev.belfry.model.smmu.spec.Cd;
import dev.belfry.model.smmu.spec.Command;
import dev.belfry.model.smmu.spec.EventRecord;
import dev.belfry.model.smmu.spec.EventType;
import dev.belfry.model.smmu.spec.SmmuRegister;
import dev.belfry.model.smmu.spec.Ste;
import java.util.ArrayList;
import java.util.List;

/// An SMMU with RAM, driven as software drives it: through registers, queues and tables.
final class Rig {

    static final long RAM = 0x4000_0000L;
    static final long STRTAB = 0x4010_0000L;
    static final long CMDQ = 0x4020_0000L;
    static final long EVENTQ = 0x4021_0000L;
    static final int CMDQ_LOG2 = 5;
    static final int EVENTQ_LOG2 = 4;
    static final int SID = 0x12;

    /// A Page or Block that all may read and write: AF, inner shareable, AP = 01.
    static final long LEAF = 0x400 | 0x300 | 0x40 | 1;

    /// The same for stage 2: S2AP = 11, MemAttr = 0b1111.
    static final long LEAF2 = 0x400 | 0x300 | 0xc0 | 0x3c | 1;

    final SparseRam ram = new SparseRam(RAM, 64 << 20);
    final List<SmmuInterrupts.Line> pulses = new ArrayList<>();
    final Smmu smmu;
    private long next = 0x4100_0000L;
    private int prod;

    Rig(SmmuIdentity id) {
        this(id, new CacheMode.None());
    }

    Rig(SmmuIdentity id, CacheMode caches) {
        smmu = new Smmu(setup(id, caches, ram, pulses::add));
    }

    Rig(SmmuIdentity id, AcceleratedSink sink) {
        smmu = Smmu.accelerated(setup(id, new CacheMode.None(), ram, pulses::add), sink);
    }

    static Smmu.Setup setup(
            SmmuIdentity id, CacheMode caches, PhysicalMemory memory, SmmuInterrupts lines) {
        return new Smmu.Setup("test", id, memory, lines, caches, Probe.NONE, 0x77, true);
    }

    /// Queues and a linear table of 256 streams; everything enabled.
    Rig start() {
        write(SmmuRegister.CR2, 2);
        write(SmmuRegister.STRTAB_BASE, STRTAB);
        write(SmmuRegister.STRTAB_BASE_CFG, 8);
        write(SmmuRegister.CMDQ_BASE, CMDQ | CMDQ_LOG2);
        write(SmmuRegister.EVENTQ_BASE, EVENTQ | EVENTQ_LOG2);
        write(SmmuRegister.IRQ_CTRL, 5);
        write(SmmuRegister.CR0, 0xd);
        return this;
    }

    void write(SmmuRegister r, long value) {
        smmu.write(r.offset(), r.width(), value, PhysicalMemory.CPU);
    }

    long read(SmmuRegister r) {
        return smmu.read(r.offset(), r.width());
    }

    /// A zeroed area, aligned to its size.
    long allocate(int bytes) {
        next = (next + bytes - 1) & -bytes;
        long at = next;
        next += bytes;
        return at;
    }

    void words(long at, long... words) {
        for (int i = 0; i < words.length; i++) {
            ram.write(at + 8L * i, 8, words[i]);
        }
    }

    void ste(int sid, Ste ste) {
        words(STRTAB + 64L * sid, ste.words());
    }

    Ste ste(int sid) {
        long[] w = new long[8];
        for (int i = 0; i < 8; i++) {
            w[i] = ram.read(STRTAB + 64L * sid + 8L * i, 8);
        }
        return Ste.of(w);
    }

    /// A CD as Linux writes it: 48-bit lower half, 4 KiB, ASID 1.
    static Cd cd(long ttb0) {
        return new Cd(
                Cd.T0SZ.of(16)
                        | Cd.EPD1.of(1)
                        | Cd.V.of(1)
                        | Cd.IPS.of(4)
                        | Cd.AA64.of(1)
                        | Cd.R.of(1)
                        | Cd.A.of(1)
                        | Cd.ASET.of(1)
                        | Cd.ASID.of(1),
                ttb0,
                0,
                0xffff_ffff_f404_ff44L,
                0,
                0,
                0,
                0);
    }

    /// A stream with stage 1; returns where its CD is.
    long stage1(int sid, Cd cd) {
        long at = allocate(64);
        words(at, cd.words());
        ste(sid, Ste.ZERO.withWord(0, Ste.V.of(1) | Ste.CONFIG.of(5) | at));
        return at;
    }

    /// Stage 2 words for a 4 KiB table of 40-bit IPAs that starts at level 1.
    static Ste stage2(Ste.Config config, long s2ttb) {
        return new Ste(
                Ste.V.of(1) | Ste.CONFIG.of(config.bits()),
                0,
                Ste.S2VMID.of(7)
                        | Ste.S2T0SZ.of(24)
                        | Ste.S2SL0.of(1)
                        | Ste.S2PS.of(4)
                        | Ste.S2AA64.of(1)
                        | Ste.S2R.of(1),
                s2ttb,
                0,
                0,
                0,
                0);
    }

    /// A stream with both stages: the CD and the tables of stage 1 are at IPAs.
    long nested(int sid, Cd cd, long s2ttb) {
        long at = allocate(64);
        words(at, cd.words());
        Ste ste = stage2(Ste.Config.NESTED, s2ttb);
        ste(sid, ste.withWord(0, ste.w0() | at));
        return at;
    }

    /// Maps with 4 KiB granules: `leaf`'s low bits at `level`, and table descriptors above it.
    ///
    /// @return where the leaf was written
    long map(long table, int startLevel, long input, long output, long leaf, int level) {
        return map(table, 12, startLevel, input, output, leaf, level);
    }

    long map(
            long table,
            int granule,
            int startLevel,
            long input,
            long output,
            long leaf,
            int level) {
        int stride = granule - 3;
        long at = table;
        for (int l = startLevel; ; l++) {
            int shift = granule + (3 - l) * stride;
            // The start table may be larger: concatenation.
            long mask = l == startLevel ? (1L << (stride + 4)) - 1 : (1L << stride) - 1;
            long slot = at + ((input >>> shift & mask) << 3);
            if (l == level) {
                words(slot, output | leaf | (level == 3 ? 2 : 0));
                return slot;
            }
            long below = ram.read(slot, 8);
            if ((below & 3) != 3) {
                below = allocate(1 << granule) | 3;
                words(slot, below);
            }
            at = below & 0xffff_ffff_f000L & -(1L << granule);
        }
    }

    /// Maps all RAM onto itself in a stage 2 table that starts at level 1.
    void identity(long s2ttb) {
        map(s2ttb, 1, RAM, RAM, LEAF2, 1);
    }

    /// Queues commands and rings the bell.
    ///
    /// @return CMDQ_CONS afterwards
    long command(Command... commands) {
        for (Command c : commands) {
            int index = prod & (1 << CMDQ_LOG2) - 1;
            words(CMDQ + 16L * index, c.w0(), c.w1());
            prod = prod + 1 & (2 << CMDQ_LOG2) - 1;
        }
        write(SmmuRegister.CMDQ_PROD, prod);
        return read(SmmuRegister.CMDQ_CONS);
    }

    int producer() {
        return prod;
    }

    /// Takes all records out of the Event queue.
    List<EventRecord> events() {
        long p = read(SmmuRegister.EVENTQ_PROD);
        long c = read(SmmuRegister.EVENTQ_CONS);
        int wrap = (2 << EVENTQ_LOG2) - 1;
        List<EventRecord> out = new ArrayList<>();
        for (; ((c ^ p) & wrap) != 0; c = c + 1 & wrap) {
            long at = EVENTQ + 32L * (c & (1 << EVENTQ_LOG2) - 1);
            out.add(
                    EventRecord.decode(
                            ram.read(at, 8),
                            ram.read(at + 8, 8),
                            ram.read(at + 16, 8),
                            ram.read(at + 24, 8)));
        }
        write(SmmuRegister.EVENTQ_CONS, c | (p & 1L << 31));
        return out;
    }

    Translation go(int sid, long address, Access access) {
        return smmu.translate(sid, Smmu.NO_SUBSTREAM, address, access);
    }

    /// The output address; fails when there is none.
    long pa(int sid, long address, Access access) {
        Translation t = go(sid, address, access);
        if (t instanceof Translation.Mapped m) {
            return m.pa();
        }
        throw new AssertionError(t);
    }

    /// The one event that an access records.
    EventRecord event(int sid, long address, Access access) {
        events();
        Translation t = go(sid, address, access);
        List<EventRecord> all = events();
        if (all.size() != 1 || !(t instanceof Translation.Faulted)) {
            throw new AssertionError(t + " " + all);
        }
        return all.getFirst();
    }

    EventType fault(int sid, long address, Access access) {
        return event(sid, address, access).type();
    }
}
