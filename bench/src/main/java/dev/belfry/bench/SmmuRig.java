package dev.belfry.bench;

import dev.belfry.model.journey.Probe;
import dev.belfry.model.memory.AddressMap;
import dev.belfry.model.memory.MmioDevice;
import dev.belfry.model.memory.PhysicalMemory;
import dev.belfry.model.memory.SparseRam;
import dev.belfry.model.smmu.CacheMode;
import dev.belfry.model.smmu.Smmu;
import dev.belfry.model.smmu.SmmuIdentity;
import dev.belfry.model.smmu.SmmuInterrupts;
import dev.belfry.model.smmu.spec.Cd;
import dev.belfry.model.smmu.spec.Command;
import dev.belfry.model.smmu.spec.SmmuRegister;
import dev.belfry.model.smmu.spec.Ste;

/// An SMMU in an address map with RAM and a few devices, as a platform has it: one stream that is
/// translated with 4 KiB pages, four levels a stage.
final class SmmuRig {

    static final int STREAM = 1;
    static final long IOVA = 0x10_0000_0000L;
    static final int COMMANDS = 1 << 16;

    private static final long RAM = 0x4000_0000L;
    private static final long STREAM_TABLE = 0x4010_0000L;
    private static final long COMMAND_QUEUE = 0x4020_0000L;
    private static final long EVENT_QUEUE = 0x4040_0000L;
    // AF, inner shareable; stage 1: AP = 01, nG; stage 2: S2AP = 11, MemAttr = 0b1111.
    private static final long LEAF = 0xf43;
    private static final long LEAF2 = 0x7ff;

    private final SparseRam ram = new SparseRam(RAM, 1L << 30);
    final AddressMap map = new AddressMap();
    final Smmu smmu;
    private long free = 0x4100_0000L;
    private int producer;

    SmmuRig(CacheMode caches) {
        map.addMemory("ram", RAM, 1L << 30, ram);
        for (int i = 0; i < 8; i++) {
            map.addDevice("device" + i, 0x0900_0000L + 0x1_0000L * i, new Quiet());
        }
        smmu =
                new Smmu(
                        new Smmu.Setup(
                                "smmu",
                                SmmuIdentity.QEMU_10_2_NESTED,
                                map,
                                SmmuInterrupts.NONE,
                                caches,
                                Probe.NONE));
        write(SmmuRegister.STRTAB_BASE, STREAM_TABLE);
        write(SmmuRegister.STRTAB_BASE_CFG, 8);
        write(SmmuRegister.CMDQ_BASE, COMMAND_QUEUE | 16);
        write(SmmuRegister.EVENTQ_BASE, EVENT_QUEUE | 4);
        write(SmmuRegister.CR0, 0xd);
    }

    /// Stage 1 with `pages` pages from [#IOVA].
    static SmmuRig stage1(CacheMode caches, int pages) {
        SmmuRig rig = new SmmuRig(caches);
        long table = rig.allocate(4096);
        Ste ste = Ste.ZERO.withWord(0, Ste.V.of(1) | Ste.CONFIG.of(5) | rig.context(table));
        rig.words(STREAM_TABLE + 64L * STREAM, ste.words());
        rig.mapPages(table, pages);
        return rig;
    }

    /// The same nested: all RAM is mapped one page at a time in stage 2.
    static SmmuRig nested(CacheMode caches, int pages) {
        SmmuRig rig = new SmmuRig(caches);
        long stage2 = rig.allocate(4096);
        long table = rig.allocate(4096);
        Ste ste =
                new Ste(
                        Ste.V.of(1) | Ste.CONFIG.of(7) | rig.context(table),
                        0,
                        Ste.S2VMID.of(7)
                                | Ste.S2T0SZ.of(20)
                                | Ste.S2SL0.of(2)
                                | Ste.S2PS.of(4)
                                | Ste.S2AA64.of(1)
                                | Ste.S2R.of(1),
                        stage2,
                        0,
                        0,
                        0,
                        0);
        rig.words(STREAM_TABLE + 64L * STREAM, ste.words());
        rig.mapPages(table, pages);
        for (long page = RAM; page < RAM + (64 << 20); page += 4096) {
            rig.map(stage2, page, page | LEAF2);
        }
        return rig;
    }

    /// Writes a CD as Linux does: 48 bits, 4 KiB, ASID 1.
    private long context(long table) {
        long at = allocate(64);
        words(
                at,
                Cd.T0SZ.of(16)
                        | Cd.EPD1.of(1)
                        | Cd.V.of(1)
                        | Cd.IPS.of(4)
                        | Cd.AA64.of(1)
                        | Cd.R.of(1)
                        | Cd.A.of(1)
                        | Cd.ASET.of(1)
                        | Cd.ASID.of(1),
                table,
                0,
                0xffff_ffff_f404_ff44L);
        return at;
    }

    private void mapPages(long table, int pages) {
        for (int i = 0; i < pages; i++) {
            map(table, IOVA + ((long) i << 12), RAM + ((long) (i & 0xfff) << 12) | LEAF);
        }
    }

    private void map(long table, long address, long leaf) {
        long at = table;
        for (int shift = 39; shift > 12; shift -= 9) {
            long slot = at + ((address >>> shift & 0x1ff) << 3);
            long below = ram.read(slot, 8);
            if (below == 0) {
                below = allocate(4096) | 3;
                words(slot, below);
            }
            at = below & ~0xfffL;
        }
        words(at + ((address >>> 12 & 0x1ff) << 3), leaf);
    }

    private long allocate(int bytes) {
        free = (free + bytes - 1) & -bytes;
        long at = free;
        free += bytes;
        return at;
    }

    private void words(long at, long... words) {
        for (int i = 0; i < words.length; i++) {
            ram.write(at + 8L * i, 8, words[i]);
        }
    }

    void write(SmmuRegister register, long value) {
        smmu.write(register.offset(), register.width(), value, PhysicalMemory.CPU);
    }

    /// Fills the whole queue with one command.
    void fill(Command command) {
        for (int i = 0; i < COMMANDS; i++) {
            words(COMMAND_QUEUE + 16L * i, command.w0(), command.w1());
        }
    }

    /// Rings the bell for `count` of the commands that lie in the queue.
    ///
    /// @return CMDQ_CONS afterwards
    long consume(int count) {
        producer = producer + count & 2 * COMMANDS - 1;
        write(SmmuRegister.CMDQ_PROD, producer);
        long consumer = smmu.register(SmmuRegister.CMDQ_CONS);
        if (consumer != producer) {
            throw new IllegalStateException("CMDQ_CONS " + Long.toHexString(consumer));
        }
        return consumer;
    }

    /// A device that the map has to tell RAM from.
    private static final class Quiet implements MmioDevice {
        @Override
        public long size() {
            return 0x1000;
        }

        @Override
        public long read(long offset, int width) {
            return 0;
        }

        @Override
        public void write(long offset, int width, long value, int requester) {}
    }
}
