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
import dev.belfry.vmm.machine.SmmuInstance;
import dev.belfry.vmm.machine.VirtMap;
import dev.belfry.vmm.version.QemuVersion;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/// What firmware tables are built from: the machine as it stands when firmware reads them first,
/// that is, with buses numbered and BARs placed.
final class VirtFirmware {

    private static final long FOUR_GIB = 1L << 32;
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
                smmus.stream().map(s -> smmu(s, pci, release)).toList(),
                new FirmwareInputs.PciHost(
                        window(map.ecam()),
                        window(VirtMap.PIO),
                        window(VirtMap.MMIO32),
                        map.mmio64().map(VirtFirmware::window),
                        VirtMap.SPI_PCIE_INTA + INTID_OF_SPI,
                        pci.rootBuses().stream().map(r -> root(machine, r)).toList()),
                new FirmwareInputs.Options(
                        machine.preservesPciConfig(),
                        options.rmr() && options.msi().reserves(),
                        false,
                        options.msi()
                                .window()
                                .map(w -> new Window(w.start(), w.mebibytes() << 20))
                                .orElse(FirmwareInputs.SW_MSI)),
                VirtBoard.of(machine, guest.functions(), release));
    }

    private static Window window(VirtMap.Region r) {
        return new Window(r.base().value(), r.size());
    }

    private static FirmwareInputs.Msi msi(MachineDescription machine) {
        return switch (machine.gic().msi()) {
            case ITS -> FirmwareInputs.Msi.Its.VIRT;
            case GICV2M -> FirmwareInputs.Msi.Gicv2m.VIRT;
            case NONE -> new FirmwareInputs.Msi.None();
        };
    }

    /// Since 11.1 an SMMU's node has the identifier that it was given, 0 included.
    private static FirmwareInputs.Smmu smmu(SmmuUnit unit, PciSegment pci, QemuVersion release) {
        SmmuInstance s = unit.described();
        Optional<RootBus> root =
                pci.rootBuses().stream().filter(r -> r.name().equals(s.primaryBus())).findFirst();
        return new FirmwareInputs.Smmu(
                s.mmio().value(),
                s.firstSpi() + INTID_OF_SPI,
                s.accel(),
                Idr0.ATS.isSet(unit.engine().register(SmmuRegister.IDR0)),
                release.isAtLeast(11, 1) ? OptionalInt.of(s.identifier()) : OptionalInt.empty(),
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
        boolean bypass = machine.pci().root(root.name()).map(r -> r.bypassIommu()).orElse(false);
        return new FirmwareInputs.RootBus(
                root.number(),
                lastBus(root),
                bypass,
                List.of(),
                root.number() == 0 ? List.of() : memoryBelow(root));
    }

    /// One window below 4 GiB and one above, each from the lowest to the highest address in use.
    private static List<Window> memoryBelow(PciBus bus) {
        List<Window> used = new ArrayList<>();
        collect(bus, used);
        List<Window> out = new ArrayList<>();
        span(used.stream().filter(w -> w.base() < FOUR_GIB).toList()).ifPresent(out::add);
        span(used.stream().filter(w -> w.base() >= FOUR_GIB).toList()).ifPresent(out::add);
        return out;
    }

    private static void collect(PciBus bus, List<Window> used) {
        for (PciFunction f : bus.functions()) {
            for (int i = 0; i < 6; i++) {
                OptionalLong address = f.barAddress(i);
                if (address.isPresent()) {
                    used.add(new Window(address.getAsLong(), f.bar(i).orElseThrow().size()));
                }
            }
            if (f instanceof Bridge bridge) {
                collect(bridge.secondary(), used);
            }
        }
    }

    private static Optional<Window> span(List<Window> windows) {
        if (windows.isEmpty()) {
            return Optional.empty();
        }
        long first = windows.stream().mapToLong(Window::base).min().orElseThrow();
        long last = windows.stream().mapToLong(Window::last).max().orElseThrow();
        // Bridges forward in steps of 1 MiB.
        long from = first & -(1L << 20);
        long to = (last | (1L << 20) - 1) + 1;
        return Optional.of(new Window(from, to - from));
    }
}
