package dev.belfry.vmm.rule.board;

import dev.belfry.vmm.cmdline.Edit;
import dev.belfry.vmm.machine.Accelerator;
import dev.belfry.vmm.machine.Phase;
import dev.belfry.vmm.machine.Severity;
import dev.belfry.vmm.rule.About;
import dev.belfry.vmm.rule.Found;
import dev.belfry.vmm.rule.Place;
import dev.belfry.vmm.rule.Rule;
import dev.belfry.vmm.rule.Subject;

/// A GICv2 for a guest of KVM.
final class Gicv2Kvm implements Rule {

    @Override
    public About about() {
        return About.note("GICV2-KVM", Phase.BOARD, "a GICv2 for a guest of KVM")
                .because(
                        "KVM emulates GICv2 only where the host's GIC has the compatible "
                                + "registers",
                        "QEMU hw/arm/virt.c, finalize_gic_version");
    }

    @Override
    public void check(Subject s, Found found) {
        Accelerator accelerator = s.machine().accelerator();
        if (s.machine().gic().version() != 2 || !accelerator.hasKernelGic()) {
            return;
        }
        Place place = Place.before(s.machineAt("gic-version"));
        Edit gicv3 = new Edit.Set(s.optionAt("machine"), "gic-version", "3");
        if (s.host().isEmpty()) {
            found.add(
                    place,
                    "KVM emulates GICv2 only where the host's GIC can, which few hosts with an"
                            + " SMMUv3 have",
                    "write gic-version=3, or check with --host",
                    gicv3);
        } else if (!s.host().get().gic().gicv2Guests()) {
            found.addAs(
                    Severity.ERROR,
                    place,
                    "KVM does not support GICv2 emulation: the host's GIC has no compatible"
                            + " registers",
                    "write gic-version=3",
                    gicv3);
        }
    }
}
