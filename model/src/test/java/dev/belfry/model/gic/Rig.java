package dev.belfry.model.gic;

import dev.belfry.model.gic.spec.Gits;
import dev.belfry.model.gic.spec.Icc;
import dev.belfry.model.gic.spec.ItsCommand;
import dev.belfry.model.journey.Probe;
import dev.belfry.model.memory.PhysicalMemory;
import dev.belfry.model.memory.SparseRam;

/// A GICv3 with an ITS, its tables laid out and enabled by register writes as a driver would.
final class Rig {

    static final long RAM = 0x4000_0000L;
    static final long RAM_SIZE = 64L << 20;
    static final long QUEUE = RAM + 0x10_0000;
    static final int QUEUE_BYTES = 0x1_0000;
    static final long DEVICES = RAM + 0x20_0000;
    static final long COLLECTIONS = RAM + 0x30_0000;
    static final long VPES = RAM + 0x38_0000;
    static final long CONFIG = RAM + 0x40_0000;
    static final long PENDING = RAM + 0x50_0000;
    static final long ITTS = RAM + 0x100_0000;

    final SparseRam ram = new SparseRam(RAM, RAM_SIZE);
    final GicV3 gic;
    final Its its;
    private int writer;

    Rig(ItsIdentity identity, GicIdentity gicIdentity, int cpus) {
        this(identity, gicIdentity, cpus, Probe.NONE);
    }

    Rig(ItsIdentity identity, GicIdentity gicIdentity, int cpus, Probe probe) {
        gic = new GicV3(new GicV3.Setup(gicIdentity, ram, cpus, 256));
        its = new Its(new Its.Setup("its", 0x0808_0000, identity, gic, 0x080a_0000, ram, probe));
        gic.distributor().write(0, 4, 3, PhysicalMemory.CPU);
        for (int cpu = 0; cpu < cpus; cpu++) {
            redistributor(cpu, 0x14, 4, 0);
            redistributor(cpu, 0x70, 8, CONFIG | 15);
            redistributor(cpu, 0x78, 8, PENDING + cpu * 0x1_0000L);
            redistributor(cpu, 0x00, 4, 1);
            listen(gic, cpu);
        }
        enableIts();
    }

    static Rig of(ItsIdentity identity) {
        return of(identity, 2);
    }

    static Rig of(ItsIdentity identity, int cpus) {
        return new Rig(identity, gicFor(identity), cpus);
    }

    static GicIdentity gicFor(ItsIdentity identity) {
        return switch (identity.name()) {
            case "qemu-tcg" -> GicIdentity.QEMU_TCG;
            case "kvm" -> GicIdentity.KVM;
            default -> GicIdentity.PHYSICAL;
        };
    }

    /// Lets a CPU take Group 1 of any priority.
    static void listen(GicV3 gic, int cpu) {
        gic.writeIcc(cpu, Icc.ICC_PMR_EL1, 0xff);
        gic.writeIcc(cpu, Icc.ICC_IGRPEN1_EL1, 1);
    }

    void enableIts() {
        register(Gits.GITS_BASER.at(0), 1L << 63 | DEVICES | 0x207);
        register(Gits.GITS_BASER.at(1), 1L << 63 | COLLECTIONS | 0x200);
        register(Gits.GITS_BASER.at(2), 1L << 63 | VPES | 0x200);
        register(Gits.GITS_CBASER.offset(), 1L << 63 | QUEUE | (QUEUE_BYTES / 4096 - 1));
        its.write(0, 4, 1, PhysicalMemory.CPU);
    }

    void redistributor(int cpu, int offset, int width, long value) {
        gic.redistributors()
                .write(
                        (long) cpu * gic.identity().redistributorBytes() + offset,
                        width,
                        value,
                        PhysicalMemory.CPU);
    }

    void register(int offset, long value) {
        its.write(offset, 8, value, PhysicalMemory.CPU);
    }

    void put(ItsCommand command) {
        long[] words = command.encode();
        for (int i = 0; i < 4; i++) {
            ram.write(QUEUE + writer + 8L * i, 8, words[i]);
        }
        writer = (writer + 32) % QUEUE_BYTES;
    }

    /// Queues commands and tells the ITS.
    void send(ItsCommand... commands) {
        for (ItsCommand c : commands) {
            put(c);
        }
        register(Gits.GITS_CWRITER.offset(), writer);
    }

    /// Maps a device of `events` events with a table of its own.
    void mapDevice(int device, int eventBits) {
        send(new ItsCommand.Mapd(device, eventBits - 1, itt(device), true));
    }

    static long itt(int device) {
        return ITTS + (device & 0xff) * 0x1_0000L;
    }

    /// Writes an LPI's configuration byte.
    void configure(int lpi, boolean enabled, int priority) {
        ram.write(CONFIG + lpi - 8192, 1, priority | (enabled ? 3 : 2));
    }

    /// What a device's write to GITS_TRANSLATER does.
    void message(int device, int event) {
        its.write(Gits.GITS_TRANSLATER.offset(), 4, event, device);
    }

    /// Takes and ends whatever a CPU gets; the INTID.
    int take(int cpu) {
        int intid = gic.acknowledge(cpu);
        gic.endOfInterrupt(cpu, intid);
        return intid;
    }
}
