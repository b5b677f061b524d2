package dev.belfry.vmm.rule.board;

import dev.belfry.vmm.cmdline.Edit;
import dev.belfry.vmm.cmdline.Quantities;
import dev.belfry.vmm.machine.Accelerator;
import dev.belfry.vmm.machine.Phase;
import dev.belfry.vmm.rule.About;
import dev.belfry.vmm.rule.Found;
import dev.belfry.vmm.rule.Place;
import dev.belfry.vmm.rule.Rule;
import dev.belfry.vmm.rule.Subject;

/// TrustZone for a guest of KVM.
final class SecureKvm implements Rule {

    @Override
    public About about() {
        return About.error("SECURE-KVM", Phase.BOARD, "TrustZone for a guest of KVM")
                .because("KVM guests run in non-secure state", "QEMU hw/arm/virt.c, machvirt_init");
    }

    @Override
    public void check(Subject s, Found found) {
        if (s.machine().accelerator().kind() == Accelerator.Kind.KVM
                && s.commandLine()
                        .all("machine")
                        .flatMap(o -> o.params().each("secure").stream())
                        .anyMatch(p -> Quantities.bool(p.value()).orElse(false))) {
            found.add(
                    Place.before(s.machineAt("secure")),
                    "mach-virt: KVM does not support providing Security extensions (TrustZone) to"
                            + " the guest CPU",
                    "remove secure=on",
                    new Edit.Remove(s.optionAt("machine"), "secure"));
        }
    }
}
