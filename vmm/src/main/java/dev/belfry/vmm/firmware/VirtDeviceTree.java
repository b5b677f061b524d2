package dev.belfry.vmm.firmware;

import dev.belfry.vmm.firmware.FirmwareInputs.Gic;
import dev.belfry.vmm.firmware.FirmwareInputs.Msi;
import dev.belfry.vmm.firmware.FirmwareInputs.PciHost;
import dev.belfry.vmm.firmware.FirmwareInputs.Smmu;
import dev.belfry.vmm.firmware.FirmwareInputs.Window;
import java.util.Optional;
import java.util.stream.LongStream;

/// The device tree of `virt`. It knows one PCI host bridge and at most one SMMU: the machine's own
/// or the device on `pcie.0`. An accelerated SMMU has no binding here, since the tree has no RMR.
final class VirtDeviceTree {

    private static final int GIC_PHANDLE = 0x8001;
    private static final int MSI_PHANDLE = 0x8002;
    private static final int SMMU_PHANDLE = 0x8003;

    private static final int SPI = 0;
    private static final int PPI = 1;
    private static final int EDGE_RISING = 1;
    private static final int LEVEL_HIGH = 4;
    private static final int FIRST_SPI = 32;
    private static final long ALL_REQUESTERS = 0x1_0000;

    private static final long PCI_IO = 0x0100_0000;
    private static final long PCI_MEMORY_32 = 0x0200_0000;
    private static final long PCI_MEMORY_64 = 0x0300_0000;
    private static final int SWIZZLED_SLOTS = 4;
    private static final int PINS = 4;

    private final FirmwareInputs inputs;
    private final Optional<Smmu> smmu;

    private VirtDeviceTree(FirmwareInputs inputs) {
        this.inputs = inputs;
        smmu =
                inputs.smmus().stream()
                        .filter(s -> !s.accel() && (s.legacy() || s.firstBus() == 0))
                        .findFirst();
    }

    static byte[] build(FirmwareInputs inputs) {
        return Fdt.write(new VirtDeviceTree(inputs)::root);
    }

    private void root(Fdt fdt) {
        fdt.cells("interrupt-parent", GIC_PHANDLE);
        fdt.flag("dma-coherent");
        fdt.strings("model", "linux,dummy-virt");
        fdt.strings("compatible", "linux,dummy-virt");
        fdt.cells("#size-cells", 2);
        fdt.cells("#address-cells", 2);
        fdt.node("psci", VirtDeviceTree::psci);
        Window ram = inputs.ram();
        fdt.node(at("memory", ram.base()), node -> memory(node, ram));
        smmu.ifPresent(s -> fdt.node(at("smmuv3", s.base()), node -> smmu(node, s)));
        fdt.node(at("pcie", inputs.pci().mmio32().base()), this::pcie);
        fdt.node(at("intc", inputs.gic().distributor().base()), this::gic);
        fdt.node("cpus", this::cpus);
        fdt.node("timer", this::timer);
        fdt.node("chosen", _ -> {});
    }

    private static String at(String name, long address) {
        return name + "@" + Long.toHexString(address);
    }

    private static void psci(Fdt fdt) {
        fdt.strings("compatible", "arm,psci-1.0", "arm,psci-0.2", "arm,psci");
        fdt.strings("method", "hvc");
    }

    private static void memory(Fdt fdt, Window ram) {
        fdt.wide("reg", ram.base(), ram.size());
        fdt.strings("device_type", "memory");
    }

    private static void smmu(Fdt fdt, Smmu smmu) {
        fdt.strings("compatible", "arm,smmu-v3");
        fdt.wide("reg", smmu.base(), 0x2_0000);
        int spi = smmu.firstIntId() - FIRST_SPI;
        fdt.cells(
                "interrupts",
                LongStream.range(0, 4)
                        .flatMap(i -> LongStream.of(SPI, spi + i, EDGE_RISING))
                        .toArray());
        fdt.strings("interrupt-names", "eventq", "priq", "cmdq-sync", "gerror");
        fdt.flag("dma-coherent");
        fdt.cells("#iommu-cells", 1);
        fdt.cells("phandle", SMMU_PHANDLE);
    }

    private void pcie(Fdt fdt) {
        PciHost pci = inputs.pci();
        fdt.strings("compatible", "pci-host-ecam-generic");
        fdt.strings("device_type", "pci");
        fdt.cells("#address-cells", 3);
        fdt.cells("#size-cells", 2);
        fdt.cells("linux,pci-domain", 0);
        fdt.cells("bus-range", 0, pci.buses() - 1L);
        fdt.flag("dma-coherent");
        if (!(inputs.msi() instanceof Msi.None)) {
            fdt.cells("msi-map", 0, MSI_PHANDLE, 0, ALL_REQUESTERS);
        }
        fdt.wide("reg", pci.ecam().base(), pci.ecam().size());
        fdt.cells("ranges", ranges(pci));
        fdt.cells("#interrupt-cells", 1);
        fdt.cells("interrupt-map", interruptMap(pci.firstIntId() - FIRST_SPI));
        fdt.cells("interrupt-map-mask", 0x1800, 0, 0, 7);
        if (smmu.isPresent() && !(smmu.get().legacy() && pci.roots().getFirst().bypassIommu())) {
            fdt.cells("iommu-map", 0, SMMU_PHANDLE, 0, ALL_REQUESTERS);
        }
    }

    private static long[] ranges(PciHost pci) {
        LongStream io = range(PCI_IO, 0, pci.pio());
        LongStream memory = range(PCI_MEMORY_32, pci.mmio32().base(), pci.mmio32());
        LongStream wide =
                pci.mmio64()
                        .map(w -> range(PCI_MEMORY_64, w.base(), w))
                        .orElseGet(LongStream::empty);
        return LongStream.concat(LongStream.concat(io, memory), wide).toArray();
    }

    private static LongStream range(long space, long pciAddress, Window window) {
        return LongStream.concat(
                LongStream.of(space),
                LongStream.of(Fdt.pairs(pciAddress, window.base(), window.size())));
    }

    /// Pin p (1..4) of slot s raises line (s + p - 1) % 4; the mask keeps two bits of the slot.
    private static long[] interruptMap(int firstSpi) {
        LongStream.Builder map = LongStream.builder();
        for (int slot = 0; slot < SWIZZLED_SLOTS; slot++) {
            for (int pin = 0; pin < PINS; pin++) {
                int spi = firstSpi + (slot + pin) % PINS;
                map.add((long) slot << 11).add(0).add(0).add(pin + 1L);
                map.add(GIC_PHANDLE).add(0).add(0).add(SPI).add(spi).add(LEVEL_HIGH);
            }
        }
        return map.build().toArray();
    }

    private void gic(Fdt fdt) {
        Gic gic = inputs.gic();
        fdt.cells("phandle", GIC_PHANDLE);
        fdt.cells("#interrupt-cells", 3);
        fdt.flag("interrupt-controller");
        fdt.cells("#address-cells", 2);
        fdt.cells("#size-cells", 2);
        fdt.flag("ranges");
        LongStream regions = region(gic.distributor());
        if (gic.version() == 2) {
            fdt.strings("compatible", "arm,cortex-a15-gic");
            regions =
                    LongStream.concat(
                            regions, gic.cpuInterface().stream().flatMapToLong(this::region));
        } else {
            fdt.strings("compatible", "arm,gic-v3");
            fdt.cells("#redistributor-regions", gic.redistributors().size());
            regions =
                    LongStream.concat(
                            regions, gic.redistributors().stream().flatMapToLong(this::region));
        }
        fdt.wide("reg", regions.toArray());
        msi(fdt);
    }

    private LongStream region(Window window) {
        return LongStream.of(window.base(), window.size());
    }

    private void msi(Fdt fdt) {
        switch (inputs.msi()) {
            case Msi.Its its ->
                    fdt.node(
                            at("its", its.base()),
                            node -> {
                                msiController(node, "arm,gic-v3-its", its.base(), 0x2_0000);
                                node.cells("#msi-cells", 1);
                            });
            case Msi.Gicv2m frame ->
                    fdt.node(
                            at("v2m", frame.base()),
                            node -> msiController(node, "arm,gic-v2m-frame", frame.base(), 0x1000));
            case Msi.None _ -> {}
        }
    }

    private static void msiController(Fdt fdt, String compatible, long base, long size) {
        fdt.strings("compatible", compatible);
        fdt.flag("msi-controller");
        fdt.wide("reg", base, size);
        fdt.cells("phandle", MSI_PHANDLE);
    }

    private void cpus(Fdt fdt) {
        fdt.cells("#address-cells", 1);
        fdt.cells("#size-cells", 0);
        for (int cpu = 0; cpu < inputs.cpus(); cpu++) {
            long mpidr = Madt.mpidr(inputs.gic(), cpu);
            fdt.node(at("cpu", cpu), node -> cpu(node, mpidr));
        }
    }

    private static void cpu(Fdt fdt, long mpidr) {
        fdt.strings("device_type", "cpu");
        fdt.strings("compatible", "arm,armv8");
        fdt.strings("enable-method", "psci");
        fdt.cells("reg", mpidr);
    }

    /// A GICv2's PPIs say in `[15:8]` which CPUs they go to.
    private void timer(Fdt fdt) {
        int cpus = Math.min(inputs.cpus(), 8);
        int flags = LEVEL_HIGH | (inputs.gic().version() == 2 ? ((1 << cpus) - 1) << 8 : 0);
        fdt.strings("compatible", "arm,armv8-timer", "arm,armv7-timer");
        fdt.flag("always-on");
        fdt.cells(
                "interrupts",
                LongStream.of(13, 14, 11, 10)
                        .flatMap(ppi -> LongStream.of(PPI, ppi, flags))
                        .toArray());
    }
}
