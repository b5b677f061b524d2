package dev.belfry.vmm.machine.check;

import dev.belfry.vmm.cmdline.CommandLine;
import dev.belfry.vmm.cmdline.Nearest;
import dev.belfry.vmm.cmdline.Option;
import dev.belfry.vmm.cmdline.Quantities;
import dev.belfry.vmm.machine.MachineDescription;
import dev.belfry.vmm.machine.OnOffAuto;
import dev.belfry.vmm.machine.PciFunction;
import dev.belfry.vmm.machine.Phase;
import dev.belfry.vmm.machine.Problem;
import dev.belfry.vmm.machine.Problems;
import dev.belfry.vmm.machine.Severity;
import dev.belfry.vmm.machine.SmmuInstance;
import java.util.List;

/// What can be said once all devices are there.
final class MachineDone {

    private MachineDone() {}

    static void check(MachineDescription machine, CommandLine commandLine, Problems problems) {
        for (SmmuInstance smmu : machine.smmus()) {
            if (smmu.accel()) {
                unresolved(machine, smmu, problems);
                sameIdentifier(machine, smmu, problems);
                otherOas(machine, smmu, problems);
            }
        }
        commandLine
                .all("object")
                .filter(o -> o.params().get("qom-type", "").equals("acpi-generic-initiator"))
                .forEach(o -> initiator(machine, o, problems));
    }

    private static void unresolved(
            MachineDescription machine, SmmuInstance smmu, Problems problems) {
        boolean served =
                machine.pci().vfio().stream()
                        .anyMatch(v ->
                                v.plugged().order() > smmu.order()
                                        && machine.smmuOf(v).filter(smmu::equals).isPresent());
        if (smmu.hasAuto() && !served) {
            problems.add(
                    Problems.AFTER_DEVICES,
                    Problem.error(
                                    "SMMU-AUTO-UNRESOLVED",
                                    Phase.MACHINE_DONE,
                                    smmu.at(),
                                    smmu.label()
                                            + " has auto properties and no vfio-pci device behind"
                                            + " it to take their values from")
                            .because(
                                    "ril, ats, oas and ssidsize are auto unless given, and the"
                                            + " first device's host SMMU decides them",
                                    "QEMU hw/arm/smmuv3-accel.c since 11.1")
                            .fix(
                                    "put a vfio-pci device behind it, or give all of ril=, ats=,"
                                            + " oas= and ssidsize="));
        }
    }

    private static void sameIdentifier(
            MachineDescription machine, SmmuInstance smmu, Problems problems) {
        boolean taken =
                machine.smmus().stream()
                        .anyMatch(s ->
                                s.order() < smmu.order()
                                        && s.cmdqv() == OnOffAuto.ON
                                        && s.identifier() == smmu.identifier());
        if (taken && smmu.cmdqv() == OnOffAuto.ON) {
            problems.add(
                    smmu.order(),
                    Problem.of(
                                    Severity.WARNING,
                                    "CMDQV-IDENTIFIER",
                                    Phase.MACHINE_DONE,
                                    smmu.at(),
                                    "another SMMU with cmdqv=on has identifier="
                                            + smmu.identifier())
                            .because(
                                    "the guest tells their command queues apart by it",
                                    "QEMU hw/arm/tegra241-cmdqv.c")
                            .fix("give each its own identifier="));
        }
    }

    private static void otherOas(MachineDescription machine, SmmuInstance smmu, Problems problems) {
        machine.smmus().stream()
                .filter(s -> s.accel() && s.order() < smmu.order())
                .filter(s -> s.oas().isPresent() && smmu.oas().isPresent())
                .filter(s -> s.oas().getAsInt() != smmu.oas().getAsInt())
                .findFirst()
                .ifPresent(s ->
                        problems.add(
                                smmu.order(),
                                Problem.of(
                                                Severity.WARNING,
                                                "SMMU-OAS-DIFFERS",
                                                Phase.MACHINE_DONE,
                                                smmu.at(),
                                                "oas="
                                                        + smmu.oas().getAsInt()
                                                        + " here, oas="
                                                        + s.oas().getAsInt()
                                                        + " of "
                                                        + s.label())
                                        .because("all SMMUs reach the same memory map", "")
                                        .fix("give them the same oas=")));
    }

    private static void initiator(MachineDescription machine, Option option, Problems problems) {
        String device = option.params().get("pci-dev", "");
        if (machine.pci().find(device).isEmpty()) {
            List<String> ids =
                    machine.pci().inOrder().stream()
                            .map(PciFunction::plugged)
                            .map(p -> p.id())
                            .filter(id -> !id.isEmpty())
                            .toList();
            problems.add(
                    Problems.AFTER_DEVICES,
                    Problem.error(
                                    "INITIATOR-DEVICE",
                                    Phase.MACHINE_DONE,
                                    option.at(),
                                    "acpi-generic-initiator: no PCI device '" + device + "'")
                            .because("", "QEMU hw/acpi/pci.c")
                            .fix(Nearest.hint(device, ids, "pci-dev=")));
        }
        long node = Quantities.number(option.params().get("node", "")).orElse(-1);
        if (machine.numa().stream().noneMatch(n -> n.id() == node)) {
            problems.add(
                    Problems.AFTER_DEVICES,
                    Problem.error(
                                    "INITIATOR-NODE",
                                    Phase.MACHINE_DONE,
                                    option.at(),
                                    "acpi-generic-initiator: node '"
                                            + option.params().get("node", "")
                                            + "' is invalid")
                            .because("", "QEMU hw/acpi/pci.c")
                            .fix("add -numa node,nodeid= for it"));
        }
    }
}
