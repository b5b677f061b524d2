package dev.belfry.bench;

import dev.belfry.model.gic.GicIdentity;
import dev.belfry.model.gic.GicV3;
import dev.belfry.model.gic.Its;
import dev.belfry.model.gic.ItsIdentity;
import dev.belfry.model.gic.spec.Gits;
import dev.belfry.model.gic.spec.Icc;
import dev.belfry.model.gic.spec.ItsCommand;
import dev.belfry.model.gic.spec.LpiConfig;
import dev.belfry.model.journey.Probe;
import dev.belfry.model.memory.AddressMap;
import dev.belfry.model.memory.PhysicalMemory;
import dev.belfry.model.memory.SparseRam;

/// A GICv3 with one CPU and an ITS in an address map, set up as a driver does it. Device d's event
/// e is LPI 8192 + d * events + e.
final class GicRig {

    static final long ITS = 0x0808_0000L;

    private static final long RAM = 0x4000_0000L;
    private static final long QUEUE = RAM + 0x10_0000;
    private static final int QUEUE_BYTES = 0x1_0000;
    private static final long DEVICES = RAM + 0x20_0000;
    private static final long COLLECTIONS = RAM + 0x30_0000;
    private static final long CONFIG = RAM + 0x400_0000;
    private static final long PENDING = RAM + 0x800_0000;
    private static final long ITTS = RAM + 0x1000_0000;

    private final SparseRam ram = new SparseRam(RAM, 1L << 32);
    final AddressMap map = new AddressMap();
    final GicV3 gic;
    final Its its;
    private final int devices;
    private final int events;
    private int writer;

    /// @param identity preset of the ITS: physical, kvm or qemu-tcg
    /// @param devices at most 4,096
    /// @param events events a device, a power of two of at most 65,536
    GicRig(String identity, int devices, int events) {
        this.devices = devices;
        this.events = events;
        GicIdentity gicIdentity =
                switch (identity) {
                    case "kvm" -> GicIdentity.KVM;
                    case "qemu-tcg" -> GicIdentity.QEMU_TCG;
                    default -> GicIdentity.PHYSICAL;
                };
        ItsIdentity itsIdentity =
                switch (identity) {
                    case "kvm" -> ItsIdentity.KVM;
                    case "qemu-tcg" -> ItsIdentity.QEMU_TCG;
                    default -> ItsIdentity.PHYSICAL;
                };
        gic = new GicV3(new GicV3.Setup(gicIdentity, ram, 1, 256));
        its = new Its(new Its.Setup("its", ITS, itsIdentity, gic, 0x080a_0000L, ram, Probe.NONE));
        map.addMemory("ram", RAM, ram.size(), ram);
        map.addDevice("gicd", 0x0800_0000L, gic.distributor());
        map.addDevice("its", ITS, its);
        map.addDevice("gicr", 0x080a_0000L, gic.redistributors());
        enable(gicIdentity.idBits());
        mapEvents();
    }

    private void enable(int idBits) {
        int lpis = devices * events;
        for (int i = 0; i < lpis; i++) {
            ram.write(CONFIG + i, 1, 0x80 | (LpiConfig.ENABLE.mask() | 2));
        }
        gic.writeIcc(0, Icc.ICC_PMR_EL1, 0xff);
        gic.writeIcc(0, Icc.ICC_IGRPEN1_EL1, 1);
        map.write(0x0800_0000L, 4, 3);
        map.write(0x080a_0070L, 8, CONFIG | (idBits - 1));
        map.write(0x080a_0078L, 8, PENDING);
        map.write(0x080a_0000L, 4, 1);
        map.write(ITS + Gits.GITS_BASER.at(0), 8, 1L << 63 | DEVICES | 0x20f);
        map.write(ITS + Gits.GITS_BASER.at(1), 8, 1L << 63 | COLLECTIONS | 0x200);
        map.write(ITS + Gits.GITS_CBASER.offset(), 8, 1L << 63 | QUEUE | (QUEUE_BYTES / 4096 - 1));
        map.write(ITS, 4, 1);
    }

    private void mapEvents() {
        int eventBits = Integer.numberOfTrailingZeros(events);
        queue(new ItsCommand.Mapc(0, 0, true));
        for (int device = 0; device < devices; device++) {
            long table = ITTS + (long) device * events * 16;
            queue(new ItsCommand.Mapd(device, Math.max(0, eventBits - 1), table, true));
            for (int event = 0; event < events; event++) {
                queue(new ItsCommand.Mapti(device, event, lpi(device, event), 0));
            }
        }
        ring();
    }

    private void queue(ItsCommand command) {
        long[] words = command.encode();
        for (int i = 0; i < 4; i++) {
            ram.write(QUEUE + writer + 8L * i, 8, words[i]);
        }
        writer = (writer + 32) % QUEUE_BYTES;
        // Never so many that the queue looks empty.
        if (writer % 0x1000 == 0) {
            ring();
        }
    }

    private void ring() {
        map.write(ITS + Gits.GITS_CWRITER.offset(), 8, writer);
    }

    int lpi(int device, int event) {
        return LpiConfig.FIRST_LPI + device * events + event;
    }

    /// Where devices write.
    static long doorbell() {
        return ITS + Gits.GITS_TRANSLATER.offset();
    }

    /// What a device's message does.
    boolean send(PhysicalMemory bus, int device, int event) {
        return bus.write(doorbell(), 4, event, device);
    }

    /// Fails unless the last message has arrived.
    void check(int device, int event) {
        if (!gic.isLpiPending(0, lpi(device, event))) {
            throw new IllegalStateException("LPI " + lpi(device, event) + " is not pending");
        }
    }
}
