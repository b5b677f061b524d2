package dev.belfry.vmm.rule.vfio;

import dev.belfry.vmm.cmdline.Edit;
import dev.belfry.vmm.cmdline.Quantities;
import dev.belfry.vmm.machine.PciFunction;
import dev.belfry.vmm.machine.Phase;
import dev.belfry.vmm.machine.Plugged;
import dev.belfry.vmm.rule.About;
import dev.belfry.vmm.rule.Found;
import dev.belfry.vmm.rule.Place;
import dev.belfry.vmm.rule.Rule;
import dev.belfry.vmm.rule.Subject;

/// Migration asked of a device behind accel=on.
final class MigrationOption implements Rule {

    @Override
    public About about() {
        return About.warning(
                        "VFIO-MIGRATION",
                        Phase.REALIZE,
                        "migration asked of a device behind accel=on")
                .because(
                        "the SMMU blocks migration whatever the device can do",
                        "QEMU hw/arm/smmuv3.c, smmu_realize");
    }

    @Override
    public void check(Subject s, Found found) {
        for (Subject.Behind<PciFunction.Vfio> b : s.behind(PciFunction.Vfio.class).toList()) {
            Plugged p = b.function().plugged();
            if (b.smmu().accel()
                    && Quantities.bool(p.params().get("enable-migration", "")).orElse(false)) {
                found.add(
                        Place.of(p, "enable-migration"),
                        "enable-migration=on, and " + b.smmu().label() + " blocks migration",
                        "remove enable-migration=on",
                        new Edit.Remove(p.at(), "enable-migration"));
            }
        }
    }
}
