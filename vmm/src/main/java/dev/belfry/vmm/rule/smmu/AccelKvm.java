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
            Edit edit =
                    kvm
                            ? new Edit.Remove(machine, "kernel-irqchip")
                            : new Edit.Set(machine, "accel", "kvm");
            found.add(
                    Place.of(smmu),
                    "SMMUv3 accel=on requires KVM with kernel-irqchip=on support",
                    "write -machine virt,accel=kvm without kernel-irqchip=off",
                    elsewhere ? new Edit[0] : new Edit[] {edit});
        }
    }
}
