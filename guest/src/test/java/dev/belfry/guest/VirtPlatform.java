package dev.belfry.guest;

import dev.belfry.guest.firmware.FirmwareInfo;
import dev.belfry.guest.firmware.Gic;
import dev.belfry.guest.firmware.HostBridge;
import dev.belfry.guest.firmware.IdMap;
import dev.belfry.guest.firmware.MsiController;
import dev.belfry.guest.firmware.ReservedMemory;
import dev.belfry.guest.firmware.SmmuNode;
import dev.belfry.kernel.Machine;
import dev.belfry.model.fabric.DmaFabric;
import dev.belfry.model.gic.GicIdentity;
import dev.belfry.model.gic.GicV2m;
import dev.belfry.model.gic.GicV3;
import dev.belfry.model.gic.Its;
import dev.belfry.model.gic.ItsIdentity;
import dev.belfry.model.gic.spec.Icc;
import dev.belfry.model.gic.spec.MsiTyper;
import dev.belfry.model.journey.Probe;
import dev.belfry.model.memory.AddressMap;
import dev.belfry.model.memory.PhysicalMemory;
import dev.belfry.model.memory.SparseRam;
import dev.belfry.model.pci.EndpointCatalog;
import dev.belfry.model.pci.EndpointSettings;
import dev.belfry.model.pci.PciSegment;
import dev.belfry.model.pci.PortCatalog;
import dev.belfry.model.pci.RootBus;
import dev.belfry.model.pci.RootPort;
import dev.belfry.model.smmu.CacheMode;
import dev.belfry.model.smmu.Smmu;
import dev.belfry.model.smmu.SmmuIdentity;
import java.util.List;
import java.util.Optional;

/// A machine like QEMU's `virt` made of the model's engines: two CPUs, GICv3 with ITS or GICv2m, an
/// SMMU that keeps stale entries as long as it may, an NVMe on the root bus and one behind each of
/// two root ports.
final class VirtPlatform implements Machine {

    static final long RAM_BASE = 0x4000_0000L;
    static final long RAM_SIZE = 512L << 20;
    static final long SMMU_BASE = 0x905_0000;
    static final long ECAM_BASE = 0x40_1000_0000L;
    private static final int EVENT_INTID = 32 + 74;
    private static final int GERROR_INTID = 32 + 77;

    final GicV3 gic;
    final Smmu smmu;
    final PciSegment pci;
    private final AddressMap map = new AddressMap();
    private final boolean its;

    VirtPlatform(SmmuIdentity identity, boolean its) {
        this.its = its;
        map.addMemory("ram", RAM_BASE, RAM_SIZE, new SparseRam(RAM_BASE, RAM_SIZE));
        gic = new GicV3(new GicV3.Setup(GicIdentity.QEMU_TCG, map, 2, 256));
        map.addDevice("gicd", 0x800_0000, gic.distributor());
        map.addDevice("gicr", 0x80a_0000, gic.redistributors());
        if (its) {
            Its.Setup setup =
                    new Its.Setup(
                            "its",
                            0x808_0000,
                            ItsIdentity.QEMU_TCG,
                            gic,
                            0x80a_0000,
                            map,
                            Probe.NONE);
            map.addDevice("its", 0x808_0000, new Its(setup));
        } else {
            GicV2m.Setup setup =
                    new GicV2m.Setup(
                            "v2m",
                            0x802_0000,
                            new MsiTyper(80 << 16 | 64),
                            GicV2m.QEMU_IIDR,
                            gic,
                            Probe.NONE);
            map.addDevice("v2m", 0x802_0000, new GicV2m(setup));
        }
        smmu =
                new Smmu(
                        new Smmu.Setup(
                                "smmu",
                                identity,
                                map,
                                this::pulse,
                                new CacheMode.Adversarial(),
                                Probe.NONE));
        map.addDevice("smmu", SMMU_BASE, smmu);
        pci = new PciSegment(0, Probe.NONE);
        buildPci();
    }

    private void pulse(dev.belfry.model.smmu.SmmuInterrupts.Line line) {
        int intId =
                switch (line) {
                    case EVENTQ -> EVENT_INTID;
                    case GERROR -> GERROR_INTID;
                    case PRIQ -> 32 + 75;
                    case CMD_SYNC -> 32 + 76;
                };
        gic.setLine(intId, true);
        gic.setLine(intId, false);
    }

    private void buildPci() {
        RootBus root = pci.addRootBus("pcie.0", 0);
        root.add(0, PortCatalog.hostBridge());
        root.add(2 << 3, nvme());
        for (int slot : new int[] {3, 5}) {
            RootPort port = PortCatalog.rootPort("rp" + slot);
            root.add(slot << 3, port);
            port.secondary().add(0, nvme());
        }
        root.setDma(
                new DmaFabric(Optional.of(smmu), id -> id, id -> id, map, List.of(), Probe.NONE));
        map.addDevice("ecam", ECAM_BASE, pci.ecam());
        map.addDevice("mmio32", 0x1000_0000, pci.memoryWindow(0x1000_0000, 0x2eff_0000));
        map.addDevice("mmio64", 1L << 39, pci.memoryWindow(1L << 39, 1L << 39));
    }

    private static dev.belfry.model.pci.Endpoint nvme() {
        return EndpointCatalog.create("nvme", EndpointSettings.DEFAULT).orElseThrow();
    }

    /// What firmware says about it.
    FirmwareInfo firmware(boolean acpi, boolean preserveConfig, List<ReservedMemory> rmrs) {
        List<HostBridge.Window> windows =
                List.of(
                        new HostBridge.Window(
                                HostBridge.Space.MEM32,
                                false,
                                0x1000_0000,
                                0x1000_0000,
                                0x2eff_0000),
                        new HostBridge.Window(
                                HostBridge.Space.MEM64, false, 1L << 39, 1L << 39, 1L << 39));
        HostBridge bridge =
                new HostBridge(
                        0,
                        ECAM_BASE,
                        0,
                        255,
                        windows,
                        preserveConfig,
                        true,
                        false,
                        List.of(new IdMap(0, 0x10000, 0, 0)),
                        List.of(new IdMap(0, 0x10000, 0, 0)));
        return new FirmwareInfo(
                acpi ? FirmwareInfo.Source.ACPI : FirmwareInfo.Source.DEVICE_TREE,
                List.of(new FirmwareInfo.Cpu(0), new FirmwareInfo.Cpu(1)),
                new Gic(3, 0x800_0000, List.of(new Gic.Range(0x80a_0000, 0xf6_0000)), 0),
                List.of(
                        its
                                ? new MsiController.Its(0, 0x808_0000)
                                : new MsiController.V2m(0, 0x802_0000, 0, 0)),
                List.of(new SmmuNode(SMMU_BASE, true, EVENT_INTID, 32 + 75, GERROR_INTID, 32 + 76)),
                List.of(bridge),
                rmrs);
    }

    FirmwareInfo firmware() {
        return firmware(false, false, List.of());
    }

    @Override
    public long read(long address, int width) {
        return map.read(address, width);
    }

    @Override
    public void write(long address, int width, long value) {
        map.write(address, width, value, PhysicalMemory.CPU);
    }

    @Override
    public byte[] readBytes(long address, int length) {
        byte[] bytes = new byte[length];
        map.readBytes(address, bytes, 0, length);
        return bytes;
    }

    @Override
    public void writeBytes(long address, byte[] bytes) {
        map.writeBytes(address, bytes, 0, bytes.length);
    }

    @Override
    public long ramBase() {
        return RAM_BASE;
    }

    @Override
    public long ramSize() {
        return RAM_SIZE;
    }

    @Override
    public int cpus() {
        return 2;
    }

    @Override
    public void writeIcc(int cpu, Icc register, long value) {
        gic.writeIcc(cpu, register, value);
    }

    @Override
    public int acknowledge(int cpu) {
        return gic.acknowledge(cpu);
    }

    @Override
    public void endOfInterrupt(int cpu, int intid) {
        gic.endOfInterrupt(cpu, intid);
    }
}
