package dev.belfry.vmm.qtest;

import dev.belfry.model.bits.Bits;
import dev.belfry.model.fabric.DmaFabric;
import dev.belfry.model.journey.Probe;
import dev.belfry.model.memory.AddressMap;
import dev.belfry.model.memory.MmioDevice;
import dev.belfry.model.memory.PhysicalMemory;
import dev.belfry.model.memory.SparseRam;
import dev.belfry.model.pci.Endpoint;
import dev.belfry.model.pci.EndpointCatalog;
import dev.belfry.model.pci.EndpointSettings;
import dev.belfry.model.pci.PciSegment;
import dev.belfry.model.pci.PortCatalog;
import dev.belfry.model.pci.RootBus;
import dev.belfry.model.smmu.CacheMode;
import dev.belfry.model.smmu.Smmu;
import dev.belfry.model.smmu.SmmuIdentity;
import dev.belfry.model.smmu.SmmuInterrupts;
import dev.belfry.vmm.cmdline.Quantities;
import dev.belfry.vmm.machine.VirtMap;
import dev.belfry.vmm.qmp.QmpMachine;
import java.util.List;
import java.util.Optional;
import java.util.function.IntUnaryOperator;

/// What a test program reaches of a `virt` machine: RAM, the SMMUv3 in front of PCIe, and endpoints
/// of the model. DMA of endpoints goes through the SMMU.
final class StandInMachine implements QmpMachine {

    private static final long SMMU = 0x0905_0000L;
    private static final long ECAM = 0x40_1000_0000L;
    private static final int PIO_SIZE = 0x1_0000;
    private static final long PIO = 0x3eff_0000L;
    private static final int FIRST_SLOT = 1;
    private static final int LAST_SLOT = 31;

    private final StandInOptions options;
    private final SparseRam ram;
    private AddressMap bus = new AddressMap();
    private SmmuInterrupts listener = SmmuInterrupts.NONE;

    StandInMachine(StandInOptions options) {
        this.options = options;
        this.ram = new SparseRam(VirtMap.RAM.value(), options.memory());
        powerOn();
    }

    /// Who is told of the SMMU's interrupts.
    void onInterrupt(SmmuInterrupts told) {
        listener = told;
    }

    /// Power-on state, RAM kept as QEMU's reset keeps it.
    @Override
    public Answer reset() {
        powerOn();
        return Answer.DONE;
    }

    private void powerOn() {
        AddressMap fresh = new AddressMap();
        if (options.machine().startsWith("virt")) {
            build(fresh);
        }
        bus = fresh;
    }

    private void build(AddressMap map) {
        map.addMemory("RAM", VirtMap.RAM.value(), options.memory(), ram);
        PciSegment segment = new PciSegment(0, Probe.NONE);
        RootBus root = segment.addRootBus("pcie.0", 0);
        root.add(0, PortCatalog.hostBridge());
        plug(root, map);
        map.addDevice("PCIe ECAM", ECAM, segment.ecam());
        map.addDevice(
                "PCIe MMIO",
                VirtMap.MMIO32.base().value(),
                segment.memoryWindow(VirtMap.MMIO32.base().value(), VirtMap.MMIO32.size()));
        map.addDevice("PCIe I/O", PIO, new NoPorts());
        Optional<Smmu> smmu = Optional.empty();
        if (options.smmu()) {
            Smmu made = smmu(map);
            map.addDevice("SMMUv3", SMMU, made);
            smmu = Optional.of(made);
        }
        IntUnaryOperator same = IntUnaryOperator.identity();
        root.setDma(new DmaFabric(smmu, same, same, map, List.of(), Probe.NONE));
    }

    /// As `virt` has it since QEMU has both stages.
    private Smmu smmu(AddressMap map) {
        return new Smmu(
                new Smmu.Setup(
                        "smmuv3",
                        SmmuIdentity.QEMU_10_2_NESTED,
                        map,
                        line -> listener.pulse(line),
                        new CacheMode.Infinite(),
                        Probe.NONE));
    }

    /// Endpoints that the model has, each on the slot it asks for or the next free one.
    private void plug(RootBus root, PhysicalMemory system) {
        EndpointSettings settings = EndpointSettings.DEFAULT.withOnRootBus(true).withSystem(system);
        boolean[] taken = new boolean[LAST_SLOT + 1];
        taken[0] = true;
        int next = FIRST_SLOT;
        for (StandInOptions.Device device : options.devices()) {
            long asked = Quantities.number(device.properties().getOrDefault("addr", "")).orElse(-1);
            while (next <= LAST_SLOT && taken[next]) {
                next++;
            }
            int slot = asked > 0 && asked <= LAST_SLOT && !taken[(int) asked] ? (int) asked : next;
            Optional<Endpoint> endpoint =
                    EndpointCatalog.create(device.driver(), withMask(settings, device));
            if (endpoint.isPresent() && slot <= LAST_SLOT) {
                taken[slot] = true;
                root.add(slot << 3, endpoint.get());
            }
        }
    }

    private static EndpointSettings withMask(
            EndpointSettings settings, StandInOptions.Device device) {
        String mask = device.properties().getOrDefault("dma_mask", "");
        return settings.withDmaMask(Quantities.number(mask));
    }

    /// The physical address space.
    PhysicalMemory bus() {
        return bus;
    }

    /// I/O ports that nothing answers: all ones.
    private static final class NoPorts implements MmioDevice {
        @Override
        public long size() {
            return PIO_SIZE;
        }

        @Override
        public long read(long offset, int width) {
            return Bits.lowMask(8 * width);
        }

        @Override
        public void write(long offset, int width, long value, int requester) {
            // Nobody listens.
        }
    }
}
