package dev.belfry.vmm.firmware;

import dev.belfry.vmm.firmware.FirmwareInputs.Gic;
import dev.belfry.vmm.firmware.FirmwareInputs.Msi;
import dev.belfry.vmm.firmware.FirmwareInputs.PciHost;
import dev.belfry.vmm.firmware.FirmwareInputs.Smmu;
import dev.belfry.vmm.firmware.FirmwareInputs.Window;
import java.util.List;
import java.util.stream.LongStream;

/// The device tree's nodes of the interrupt controller, the PCI host bridge and its IOMMU.
final class TreePci {

    private static final int SPI = 0;
    private static final int PPI = 1;
    private static final int EDGE_RISING = 1;
    private static final int LEVEL_HIGH = 4;
    private static final int FIRST_SPI = 32;
    private static final int MAINTENANCE = 9;
    private static final long ALL_REQUESTERS = 0x1_0000;

    private static final long PCI_IO = 0x0100_0000;
    private static final long PCI_MEMORY_32 = 0x0200_0000;
    private static final long PCI_MEMORY_64 = 0x0300_0000;
    private static final int SWIZZLED_SLOTS = 4;
    private static final int PINS = 4;

    private final FirmwareInputs inputs;
    private final FdtNode root;
    private final VirtDeviceTree tree;
    private int gicHandle;
    private int msiHandle;

    TreePci(FirmwareInputs inputs, FdtNode root, VirtDeviceTree tree) {
        this.inputs = inputs;
        this.root = root;
        this.tree = tree;
    }

    int gicHandle() {
        return gicHandle;
    }

    void gic() {
        Gic gic = inputs.gic();
        boolean virtualization = inputs.board().world().virtualization();
        gicHandle = tree.phandle();
        root.cells("interrupt-parent", gicHandle);
        FdtNode node =
                root.child("intc", gic.distributor().base())
                        .cells("#interrupt-cells", 3)
                        .flag("interrupt-controller")
                        .cells("#address-cells", 2)
                        .cells("#size-cells", 2)
                        .flag("ranges");
        LongStream regions = region(gic.distributor());
        if (gic.version() == 2) {
            node.strings("compatible", "arm,cortex-a15-gic");
            regions =
                    LongStream.concat(
                            regions, gic.cpuInterface().stream().flatMapToLong(TreePci::region));
            if (virtualization) {
                regions =
                        LongStream.concat(
                                regions,
                                gic.virtualization().stream().flatMapToLong(TreePci::region));
            }
        } else {
            node.strings("compatible", "arm,gic-v3");
            node.cells("#redistributor-regions", gic.redistributors().size());
            regions =
                    LongStream.concat(
                            regions, gic.redistributors().stream().flatMapToLong(TreePci::region));
        }
        node.wide("reg", regions.toArray());
        if (virtualization) {
            node.cells("interrupts", PPI, MAINTENANCE, LEVEL_HIGH);
        }
        node.cells("phandle", gicHandle);
        msi(node);
    }

    private static LongStream region(Window window) {
        return LongStream.of(window.base(), window.size());
    }

    private void msi(FdtNode gic) {
        switch (inputs.msi()) {
            case Msi.Its its -> {
                msiHandle = tree.phandle();
                gic.child("its", its.base())
                        .strings("compatible", "arm,gic-v3-its")
                        .flag("msi-controller")
                        .cells("#msi-cells", 1)
                        .wide("reg", its.base(), 0x2_0000)
                        .cells("phandle", msiHandle);
            }
            case Msi.Gicv2m frame -> {
                msiHandle = tree.phandle();
                gic.child("v2m", frame.base())
                        .strings("compatible", "arm,gic-v2m-frame")
                        .flag("msi-controller")
                        .wide("reg", frame.base(), 0x1000)
                        .cells("phandle", msiHandle);
            }
            case Msi.None _ -> {}
        }
    }

    private FdtNode pcie() {
        return root.child("pcie", inputs.pci().mmio32().base());
    }

    /// @param smmus those that the tree tells of; only the machine's own is made with the bridge
    void hostBridge(List<Smmu> smmus) {
        PciHost pci = inputs.pci();
        FdtNode node =
                pcie().strings("compatible", "pci-host-ecam-generic")
                        .strings("device_type", "pci")
                        .cells("#address-cells", 3)
                        .cells("#size-cells", 2)
                        .cells("linux,pci-domain", 0)
                        .cells("bus-range", 0, pci.buses() - 1L)
                        .flag("dma-coherent");
        if (!(inputs.msi() instanceof Msi.None)) {
            node.cells("msi-map", 0, msiHandle, 0, ALL_REQUESTERS);
        }
        node.wide("reg", pci.ecam().base(), pci.ecam().size())
                .cells("ranges", ranges(pci))
                .cells("#interrupt-cells", 1)
                .cells("interrupt-map", interruptMap(pci.firstIntId() - FIRST_SPI))
                .cells("interrupt-map-mask", 0x1800, 0, 0, 7);
        smmus.stream()
                .filter(Smmu::legacy)
                .forEach(s -> {
                    int handle = tree.phandle();
                    smmu(s, handle);
                    if (!pci.roots().getFirst().bypassIommu()) {
                        node.cells("iommu-map", 0, handle, 0, ALL_REQUESTERS);
                    }
                });
    }

    /// IOMMUs that were added with `-device`.
    void devices(List<Smmu> smmus) {
        smmus.stream()
                .filter(s -> !s.legacy())
                .forEach(s -> {
                    int handle = tree.phandle();
                    smmu(s, handle);
                    pcie().cells("iommu-map", 0, handle, 0, ALL_REQUESTERS);
                });
        inputs.board().virtioIommu().ifPresent(this::virtioIommu);
    }

    private void smmu(Smmu smmu, int handle) {
        int spi = smmu.firstIntId() - FIRST_SPI;
        root.child("smmuv3", smmu.base())
                .strings("compatible", "arm,smmu-v3")
                .wide("reg", smmu.base(), 0x2_0000)
                .cells(
                        "interrupts",
                        LongStream.range(0, 4)
                                .flatMap(i -> LongStream.of(SPI, spi + i, EDGE_RISING))
                                .toArray())
                .strings("interrupt-names", "eventq", "priq", "cmdq-sync", "gerror")
                .flag("dma-coherent")
                .cells("#iommu-cells", 1)
                .cells("phandle", handle);
    }

    /// The map leaves out the IOMMU itself.
    private void virtioIommu(int requesterId) {
        int handle = tree.phandle();
        pcie().child("virtio_iommu@%x,%x".formatted(requesterId >> 3 & 31, requesterId & 7))
                .strings("compatible", "virtio,pci-iommu", "pci1af4,1057")
                .cells("reg", (long) requesterId << 8, 0, 0, 0, 0)
                .cells("#iommu-cells", 1)
                .cells("phandle", handle);
        if (!inputs.pci().roots().getFirst().bypassIommu()) {
            long next = requesterId + 1L;
            pcie().cells(
                            "iommu-map",
                            0,
                            handle,
                            0,
                            requesterId,
                            next,
                            handle,
                            next,
                            0xffff - requesterId);
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
                LongStream.of(FdtNode.pairs(pciAddress, window.base(), window.size())));
    }

    /// Pin p (1..4) of slot s raises line (s + p - 1) % 4; the mask keeps two bits of the slot.
    private long[] interruptMap(int firstSpi) {
        LongStream.Builder map = LongStream.builder();
        for (int slot = 0; slot < SWIZZLED_SLOTS; slot++) {
            for (int pin = 0; pin < PINS; pin++) {
                int spi = firstSpi + (slot + pin) % PINS;
                map.add((long) slot << 11).add(0).add(0).add(pin + 1L);
                map.add(gicHandle).add(0).add(0).add(SPI).add(spi).add(LEVEL_HIGH);
            }
        }
        return map.build().toArray();
    }
}
