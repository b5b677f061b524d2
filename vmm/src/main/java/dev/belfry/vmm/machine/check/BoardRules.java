package dev.belfry.vmm.machine.check;

import dev.belfry.vmm.cmdline.CommandLine;
import dev.belfry.vmm.cmdline.Option;
import dev.belfry.vmm.cmdline.Position;
import dev.belfry.vmm.machine.Accelerator;
import dev.belfry.vmm.machine.MachineDescription;
import dev.belfry.vmm.machine.Phase;
import dev.belfry.vmm.machine.Problem;
import dev.belfry.vmm.machine.Problems;
import dev.belfry.vmm.machine.Severity;

/// What the board says of CPUs and interrupt controller.
final class BoardRules {

    private static final int GICV2_CPUS = 8;

    private BoardRules() {}

    static void check(MachineDescription machine, CommandLine commandLine, Problems problems) {
        Position cpu = position(commandLine, "cpu");
        tooManyCpusForGicv2(machine, position(commandLine, "smp"), problems);
        gicv2WithKvm(machine, position(commandLine, "machine"), problems);
        cpuModelWithKvm(machine, cpu, problems);
    }

    private static void tooManyCpusForGicv2(
            MachineDescription machine, Position at, Problems problems) {
        if (machine.gic().version() == 2 && machine.cpus().max() > GICV2_CPUS) {
            problems.add(
                    Problems.BEFORE_DEVICES,
                    Problem.error(
                                    "GICV2-CPUS",
                                    Phase.MACHINE,
                                    at,
                                    "Number of SMP CPUs requested ("
                                            + machine.cpus().max()
                                            + ") exceeds max CPUs supported by machine"
                                            + " 'mach-virt' (8)")
                            .because("GICv2 has 8 CPU interfaces", "QEMU hw/arm/virt.c")
                            .fix("write gic-version=3"));
        }
    }

    private static void gicv2WithKvm(MachineDescription machine, Position at, Problems problems) {
        if (machine.gic().version() == 2
                && machine.accelerator().kind() == Accelerator.Kind.KVM
                && machine.accelerator().kernelIrqchip()) {
            problems.add(
                    Problems.BEFORE_DEVICES,
                    Problem.of(
                                    Severity.NOTE,
                                    "GICV2-KVM",
                                    Phase.MACHINE,
                                    at,
                                    "KVM emulates GICv2 only where the host's GIC can: Belfry's"
                                            + " host can")
                            .because("", "QEMU hw/arm/virt.c, finalize_gic_version"));
        }
    }

    private static void cpuModelWithKvm(
            MachineDescription machine, Position at, Problems problems) {
        String model = machine.cpus().model();
        if (machine.accelerator().kind() == Accelerator.Kind.KVM
                && !model.equals("host")
                && !model.equals("max")) {
            problems.add(
                    Problems.BEFORE_DEVICES,
                    Problem.of(
                                    Severity.NOTE,
                                    "CPU-KVM",
                                    Phase.MACHINE,
                                    at,
                                    "with KVM the CPU is the host's, not " + model)
                            .because(
                                    "KVM runs no other model than the host's own",
                                    "QEMU target/arm/kvm.c")
                            .fix("write -cpu host"));
        }
    }

    static Position position(CommandLine commandLine, String option) {
        return commandLine
                .last(option)
                .map(Option::at)
                .or(() -> commandLine.options().stream().map(Option::at).findFirst())
                .orElse(new Position(1, 1, ""));
    }
}
