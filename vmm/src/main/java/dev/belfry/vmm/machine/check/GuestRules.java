package dev.belfry.vmm.machine.check;

import dev.belfry.vmm.machine.MachineDescription;
import dev.belfry.vmm.machine.MsiController;
import dev.belfry.vmm.machine.PciBus;
import dev.belfry.vmm.machine.PciFunction;
import dev.belfry.vmm.machine.Phase;
import dev.belfry.vmm.machine.Plugged;
import dev.belfry.vmm.machine.Problem;
import dev.belfry.vmm.machine.Problems;
import dev.belfry.vmm.machine.Severity;

/// What QEMU takes without a word and the guest cannot work with.
final class GuestRules {

    private static final int GICV2M_SPIS = 64;

    private GuestRules() {}

    static void check(MachineDescription machine, Problems problems) {
        for (PciBus root : machine.pci().roots()) {
            busNumbers(machine, root, problems);
        }
        for (PciFunction function : machine.pci().inOrder()) {
            noMsiController(machine, function, problems);
        }
        gicv2mVectors(machine, problems);
    }

    /// A root bus may use the numbers from its own up to the next root bus.
    private static void busNumbers(MachineDescription machine, PciBus root, Problems problems) {
        int end =
                machine.pci().roots().stream()
                        .mapToInt(PciBus::number)
                        .filter(n -> n > root.number())
                        .min()
                        .orElse(256);
        int room = Math.min(end, machine.map().buses()) - root.number();
        long needed = 1 + root.everything().filter(PciFunction.Bridge.class::isInstance).count();
        if (needed <= room) {
            return;
        }
        Plugged last =
                root.everything()
                        .filter(PciFunction.Bridge.class::isInstance)
                        .reduce((first, second) -> second)
                        .or(() -> machine.pci().find(root.name()))
                        .orElseGet(() -> root.functions().getFirst())
                        .plugged();
        problems.add(
                last.order(),
                Problem.of(
                                Severity.LOST,
                                "BUS-NUMBERS",
                                Phase.GUEST,
                                last.at(),
                                root.name()
                                        + " needs "
                                        + needed
                                        + " bus numbers from "
                                        + root.number()
                                        + " on and has room for "
                                        + Math.max(0, room))
                        .because(
                                "each root bus owns the numbers up to the next one, and ECAM has"
                                        + " room for "
                                        + machine.map().buses()
                                        + " buses",
                                "QEMU hw/pci-bridge/pci_expander_bridge.c; PCI Firmware 3.3, 4.1.2")
                        .fix(
                                end > machine.map().buses()
                                        ? "remove highmem=off and highmem-ecam=off, or choose a"
                                                + " smaller bus_nr"
                                        : "leave more room between the bus_nr of pxb-pcie devices"));
    }

    private static void noMsiController(
            MachineDescription machine, PciFunction function, Problems problems) {
        boolean signals =
                switch (function) {
                    case PciFunction.Vfio _ -> true;
                    case PciFunction.Emulated emulated -> emulated.vectors() > 0;
                    case PciFunction.Bridge _, PciFunction.Pxb _, PciFunction.RootComplex _ ->
                            false;
                };
        if (signals && machine.gic().msi() == MsiController.NONE) {
            problems.add(
                    function.plugged().order(),
                    Problem.of(
                                    Severity.WARNING,
                                    "MSI-NONE",
                                    Phase.GUEST,
                                    function.plugged().at(),
                                    function.plugged().label()
                                            + " has no MSI or MSI-X: the machine has no MSI"
                                            + " controller")
                            .because("", "QEMU hw/arm/virt.c, finalize_msi_controller")
                            .fix("remove msi=off or its=off"));
        }
    }

    private static void gicv2mVectors(MachineDescription machine, Problems problems) {
        if (machine.gic().msi() != MsiController.GICV2M) {
            return;
        }
        int vectors = 0;
        for (PciFunction function : machine.pci().inOrder()) {
            if (function instanceof PciFunction.Emulated emulated) {
                vectors += emulated.vectors();
                if (vectors > GICV2M_SPIS) {
                    problems.add(
                            emulated.plugged().order(),
                            Problem.of(
                                            Severity.WARNING,
                                            "GICV2M-SPIS",
                                            Phase.GUEST,
                                            emulated.plugged().at(),
                                            "up to here devices have "
                                                    + vectors
                                                    + " vectors, and GICv2m has 64 SPIs for them")
                                    .because("", "QEMU hw/arm/virt.c, create_v2m")
                                    .fix("write gic-version=3, whose ITS has no such limit"));
                    return;
                }
            }
        }
    }
}
