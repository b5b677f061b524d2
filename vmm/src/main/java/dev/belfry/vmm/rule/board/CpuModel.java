package dev.belfry.vmm.rule.board;

import dev.belfry.vmm.catalog.Catalog;
import dev.belfry.vmm.cmdline.Edit;
import dev.belfry.vmm.cmdline.Nearest;
import dev.belfry.vmm.cmdline.Option;
import dev.belfry.vmm.machine.Accelerator;
import dev.belfry.vmm.machine.Phase;
import dev.belfry.vmm.machine.Severity;
import dev.belfry.vmm.rule.About;
import dev.belfry.vmm.rule.Found;
import dev.belfry.vmm.rule.Place;
import dev.belfry.vmm.rule.Rule;
import dev.belfry.vmm.rule.Subject;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// A CPU model that the accelerator cannot run.
final class CpuModel implements Rule {

    private static final List<String> KVM = List.of("cortex-a53", "cortex-a57", "host", "max");

    private static final Set<String> ARMV7 = Set.of("cortex-a7", "cortex-a15");

    @Override
    public About about() {
        return About.error("CPU-MODEL", Phase.BOARD, "a CPU model that the accelerator cannot run")
                .because(
                        "KVM runs the host's CPU; TCG has no host CPU, and the virt machine takes"
                                + " 64-bit application processors and two older ones",
                        "QEMU hw/arm/virt.c, virt_get_valid_cpu_types");
    }

    @Override
    public void check(Subject s, Found found) {
        boolean kvm = s.machine().accelerator().kind() == Accelerator.Kind.KVM;
        Optional<Option> cpu = s.commandLine().last("cpu");
        if (cpu.isEmpty() || s.machine().accelerator().kind() == Accelerator.Kind.QTEST) {
            return;
        }
        String model = s.machine().cpus().model();
        boolean valid = kvm ? KVM.contains(model) : Catalog.cpu(model).isPresent();
        if (!valid) {
            boolean there = kvm || Catalog.isForeignCpu(model);
            found.add(
                    Place.before(cpu.get().at()),
                    cpu.get().argument().isEmpty()
                            ? "-cpu option cannot be empty"
                            : there
                                    ? "Invalid CPU model: " + model
                                    : "unable to find CPU model '" + model + "'",
                    kvm
                            ? "write -cpu host"
                            : model.equals("host")
                                    ? "write accel=kvm in -machine, or -cpu max"
                                    : "write -cpu " + meant(model),
                    !kvm && model.equals("host") && !s.accelerated().isEmpty()
                            ? new Edit.Set(s.optionAt("machine"), "accel", "kvm")
                            : new Edit.Replace(
                                    cpu.get().at(), kvm ? "-cpu host" : "-cpu " + meant(model)));
        } else if (kvm && !model.equals("host") && !model.equals("max")) {
            found.addAs(
                    Severity.WARNING,
                    Place.before(cpu.get().at()),
                    "with KVM, " + model + " starts only on a host with that very CPU",
                    "write -cpu host",
                    new Edit.Replace(cpu.get().at(), "-cpu host"));
        }
    }

    /// A 64-bit CPU of nearly that name, else the one that has everything.
    private static String meant(String model) {
        return model.equals("host") || Catalog.isForeignCpu(model)
                ? "max"
                : Nearest.to(model, Catalog.cpus()).filter(n -> !ARMV7.contains(n)).orElse("max");
    }
}
