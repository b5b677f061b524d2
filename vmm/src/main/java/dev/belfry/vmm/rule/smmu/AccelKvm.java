package dev.belfry.vmm.rule.smmu;

import dev.belfry.vmm.cmdline.Edit;
import dev.belfry.vmm.cmdline.Position;
import dev.belfry.vmm.machine.Accelerator;
import dev.belfry.vmm.machine.Phase;
import dev.belfry.vmm.machine.SmmuInstance;
import dev.belfry.vmm.rule.About;
import dev.belfry.vmm.rule.Found;
import dev.belfry.vmm.rule.Place;
import dev.belfry.vmm.rule.Rule;
import dev.belfry.vmm.rule.Subject;
import java.util.ArrayList;
import java.util.List;

/// Accel=on without KVM's interrupt controller.
final class AccelKvm implements Rule {

    @Override
    public About about() {
        return About.error(
                        "SMMU-ACCEL-KVM",
                        Phase.PRE_PLUG,
                        "accel=on without KVM's interrupt controller")
                .because(
                        "the doorbell that accelerated devices signal to is that of KVM's "
                                + "interrupt controller",
                        "QEMU hw/arm/virt.c, virt_machine_device_pre_plug_cb");
    }

    @Override
    public void check(Subject s, Found found) {
        for (SmmuInstance smmu : s.accelerated()) {
            if (s.machine().accelerator().hasKernelGic()) {
                continue;
            }
            boolean kvm = s.machine().accelerator().kind() == Accelerator.Kind.KVM;
            Position machine = s.optionAt("machine");
            boolean elsewhere =
                    s.commandLine().has("accel") || s.commandLine().has("no-kvm-irqchip");
            // QEMU took a GICv2 for want of KVM's; which it takes with that depends on the host.
            boolean old = kvm && s.machineAt("gic-version").equals(machine);
            List<Edit> edits = new ArrayList<>();
            if (kvm) {
                edits.add(new Edit.Remove(machine, "kernel-irqchip"));
            } else {
                edits.add(new Edit.Set(machine, "accel", "kvm"));
            }
            if (old) {
                edits.add(new Edit.Set(machine, "gic-version", "3"));
            }
            found.add(
                    Place.of(smmu),
                    "SMMUv3 accel=on requires KVM with kernel-irqchip=on support",
                    kvm
                            ? "remove kernel-irqchip=off" + (old ? " and write gic-version=3" : "")
                            : "write accel=kvm in -machine",
                    elsewhere ? new Edit[0] : edits.toArray(Edit[]::new));
        }
    }
}
