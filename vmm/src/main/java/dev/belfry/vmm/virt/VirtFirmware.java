package dev.belfry.vmm.virt;

import dev.belfry.model.pci.Bridge;
import dev.belfry.model.pci.PciBus;
import dev.belfry.model.pci.PciFunction;
import dev.belfry.model.pci.PciSegment;
import dev.belfry.model.pci.RootBus;
import dev.belfry.model.smmu.spec.SmmuRegister;
import dev.belfry.model.smmu.spec.SmmuRegister.Idr0;
import dev.belfry.vmm.firmware.FirmwareInputs;
import dev.belfry.vmm.firmware.FirmwareInputs.Window;
import dev.belfry.vmm.machine.MachineDescription;
import dev.belfry.vmm.machine.MsiController;
import dev.belfry.vmm.machine.SmmuInstance;
import dev.belfry.vmm.machine.VirtMap;
import dev.belfry.vmm.version.QemuVersion;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.IntStream;

/// What firmware tables are built from: the machine as it stands when firmware reads them first,
/// that is, with buses numbered and BARs placed.
final class VirtFirmware {

    private static final int INTID_OF_SPI = 32;

    private VirtFirmware() {}

    /// @param smmus those of the machine, made
    /// @param options whether accelerated SMMUs get RMR nodes, and of which window
    /// @param release of the QEMU whose tables are meant
    static FirmwareInputs inputs(
            MachineDescription machine,
            GuestPci guest,
            List<SmmuUnit> smmus,
            VirtOptions options,
            QemuVersion release) {
        PciSegment pci = guest.segment();
        VirtMap map = machine.map();
        return new FirmwareInputs(
                machine.firmware().acpi()
                        ? FirmwareInputs.Kind.ACPI
                        : FirmwareInputs.Kind.DEVICE_TREE,
                machine.cpus().count(),
                window(map.ram()),
                FirmwareInputs.Gic.virt(
                        machine.gic().version(),
                        machine.cpus().count(),
                        map.redist2().map(VirtFirmware::window).orElse(new Window(0, 1))),
                msi(machine),
                IntStream.range(0, smmus.size())
                        .mapToObj(i -> smmu(smmus.get(i), pci, identifier(machine, i, release)))
                        .toList(),
                new FirmwareInputs.PciHost(
                        window(map.ecam()),
                        window(VirtMap.PIO),
                        window(VirtMap.MMIO32),
                        map.mmio64().map(VirtFirmware::window),
                        VirtMap.SPI_PCIE_INTA + INTID_OF_SPI,
                        pci.rootBuses().stream().map(r -> root(machine, r)).toList(),
                        FirmwareSlots.of(guest.functions(), pci.rootBuses().getFirst(), release)),
                new FirmwareInputs.Options(
                        machine.preservesPciConfig(),
                        options.rmr() && options.msi().reserves(),
                        options.msi()
                                .window()
                                .map(w -> new Window(w.start(), w.mebibytes() << 20))
                                .orElse(FirmwareInputs.SW_MSI)),
                VirtBoard.of(machine, guest.functions(), release));
    }

    static Window window(VirtMap.Region r) {
        return new Window(r.base().value(), r.size());
    }

    private static FirmwareInputs.Msi msi(MachineDescription machine) {
        return switch (machine.gic().msi()) {
            case ITS -> FirmwareInputs.Msi.Its.VIRT;
            case GICV2M -> FirmwareInputs.Msi.Gicv2m.VIRT;
            case NONE -> new FirmwareInputs.Msi.None();
        };
    }

    /// Since 11.1 the machine numbers its SMMUs as they are made, where a node of the IORT may come
    /// before them; its own SMMU is 0. Before, nodes were numbered as they stand in the table.
    private static OptionalInt identifier(
            MachineDescription machine, int made, QemuVersion release) {
        if (!release.isAtLeast(11, 1)) {
            return OptionalInt.empty();
        }
        boolean its = machine.gic().msi() == MsiController.ITS;
        boolean legacy = machine.smmus().stream().anyMatch(SmmuInstance::legacy);
        return OptionalInt.of(its && !legacy ? made + 1 : made);
    }

    private static FirmwareInputs.Smmu smmu(SmmuUnit unit, PciSegment pci, OptionalInt identifier) {
        SmmuInstance s = unit.described();
        Optional<RootBus> root =
                pci.rootBuses().stream().filter(r -> r.name().equals(s.primaryBus())).findFirst();
        return new FirmwareInputs.Smmu(
                s.mmio().value(),
                s.firstSpi() + INTID_OF_SPI,
                s.accel(),
                Idr0.ATS.isSet(unit.engine().register(SmmuRegister.IDR0)),
                identifier,
                s.legacy(),
                root.map(PciBus::number).orElse(0),
                root.map(VirtFirmware::lastBus).orElse(0),
                unit.cmdqv()
                        .map(c ->
                                new FirmwareInputs.Cmdqv(
                                        new Window(c.place().mmio().value(), c.frame().size()),
                                        c.place().spi() + INTID_OF_SPI)));
    }

    /// The last bus below a bus, as numbered now.
    private static int lastBus(PciBus bus) {
        int last = bus.number();
        for (PciFunction f : bus.functions()) {
            if (f instanceof Bridge bridge) {
                last = Math.max(last, bridge.subordinateBusNumber());
            }
        }
        return last;
    }

    private static FirmwareInputs.RootBus root(MachineDescription machine, RootBus root) {
        Optional<dev.belfry.vmm.machine.PciBus> described = machine.pci().root(root.name());
        RootWindows windows = RootWindows.of(root);
        boolean claims = root.number() != 0;
        return new FirmwareInputs.RootBus(
                root.number(),
                lastBus(root),
                described.map(r -> r.bypassIommu()).orElse(false),
                described.map(r -> r.numaNode()).orElse(OptionalInt.empty()),
                claims ? windows.ports() : List.of(),
                claims ? windows.memory() : List.of());
    }
}
