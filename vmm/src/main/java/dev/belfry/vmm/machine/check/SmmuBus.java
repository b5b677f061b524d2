package dev.belfry.vmm.machine.check;

import dev.belfry.vmm.cmdline.Nearest;
import dev.belfry.vmm.machine.MachineDescription;
import dev.belfry.vmm.machine.PciBus;
import dev.belfry.vmm.machine.PciFunction;
import dev.belfry.vmm.machine.Phase;
import dev.belfry.vmm.machine.Problem;
import dev.belfry.vmm.machine.Problems;
import dev.belfry.vmm.machine.Severity;
import dev.belfry.vmm.machine.SmmuInstance;
import java.util.Optional;

/// Where an arm-smmuv3 may sit.
final class SmmuBus {

    private static final String SOURCE = "QEMU hw/arm/smmu-common.c, smmu_base_realize";

    private SmmuBus() {}

    static void check(MachineDescription machine, Problems problems) {
        for (SmmuInstance smmu : machine.smmus()) {
            if (!smmu.legacy()) {
                bus(machine, smmu, problems);
                shared(machine, smmu, problems);
            }
        }
    }

    private static void bus(MachineDescription machine, SmmuInstance smmu, Problems problems) {
        String name = smmu.primaryBus();
        if (name.isEmpty()) {
            problems.add(
                    smmu.order(),
                    Problem.error(
                                    "SMMU-BUS-MISSING",
                                    Phase.REALIZE,
                                    smmu.at(),
                                    "SMMU is not attached to any PCI bus!")
                            .because("", SOURCE)
                            .fix("add primary-bus=pcie.0 or primary-bus= a pxb-pcie's id"));
            return;
        }
        Optional<PciBus> root = machine.pci().root(name);
        Optional<PciFunction> maker = machine.pci().find(name);
        if (root.isPresent()) {
            maker.filter(m -> m.plugged().order() > smmu.order())
                    .ifPresent(m -> madeLater(smmu, m, problems));
        } else if (maker.filter(PciFunction.Bridge.class::isInstance).isPresent()) {
            problems.add(
                    smmu.order(),
                    Problem.error(
                                    "SMMU-BUS-NOT-ROOT",
                                    Phase.REALIZE,
                                    smmu.at(),
                                    "SMMU should be attached to a default PCIe root complex"
                                            + "(pcie.0) or a pxb-pcie based root complex")
                            .because(name + " is a bus below a bridge", SOURCE)
                            .fix("write primary-bus=" + rootAbove(machine, maker.get())));
        } else {
            notFound(machine, smmu, problems);
        }
    }

    private static String rootAbove(MachineDescription machine, PciFunction bridge) {
        return machine.pci().rootOf(bridge).name();
    }

    private static void madeLater(SmmuInstance smmu, PciFunction maker, Problems problems) {
        problems.add(
                smmu.order(),
                Problem.error(
                                "SMMU-BUS-LATER",
                                Phase.DEVICE_ADD,
                                smmu.at(),
                                "Device '"
                                        + smmu.primaryBus()
                                        + "' not found: the pxb-pcie is made later, at "
                                        + maker.plugged().at())
                        .because("QEMU makes devices in the order given", "")
                        .fix("put -device pxb-pcie before -device arm-smmuv3"));
    }

    private static void notFound(MachineDescription machine, SmmuInstance smmu, Problems problems) {
        problems.add(
                smmu.order(),
                Problem.error(
                                "SMMU-BUS-UNKNOWN",
                                Phase.DEVICE_ADD,
                                smmu.at(),
                                "Device '" + smmu.primaryBus() + "' not found")
                        .because("primary-bus names a root bus", "")
                        .fix(
                                Nearest.hint(
                                        smmu.primaryBus(),
                                        machine.pci().roots().stream().map(PciBus::name).toList(),
                                        "primary-bus=")));
    }

    /// QEMU takes it without a word.
    private static void shared(MachineDescription machine, SmmuInstance smmu, Problems problems) {
        machine.smmus().stream()
                .filter(s -> !s.legacy() && s.order() < smmu.order())
                .filter(s -> s.primaryBus().equals(smmu.primaryBus()))
                .findFirst()
                .ifPresent(s ->
                        problems.add(
                                smmu.order(),
                                Problem.of(
                                                Severity.WARNING,
                                                "SMMU-BUS-TWICE",
                                                Phase.REALIZE,
                                                smmu.at(),
                                                smmu.primaryBus()
                                                        + " already has an SMMU, "
                                                        + s.label()
                                                        + " at "
                                                        + s.at()
                                                        + "; the later one counts")
                                        .because(
                                                "setting a bus's IOMMU replaces the"
                                                        + " earlier one",
                                                "QEMU hw/pci/pci.c," + " pci_setup_iommu_per_bus")
                                        .fix("remove one of them")));
    }
}
