package dev.belfry.vmm.rule.smmu;

import dev.belfry.vmm.cmdline.Edit;
import dev.belfry.vmm.machine.Phase;
import dev.belfry.vmm.machine.SmmuInstance;
import dev.belfry.vmm.rule.About;
import dev.belfry.vmm.rule.Found;
import dev.belfry.vmm.rule.Place;
import dev.belfry.vmm.rule.Rule;
import dev.belfry.vmm.rule.Subject;

/// Ssidsize= without accel=on.
final class EmulatedSsidsize implements Rule {

    @Override
    public About about() {
        return About.error("SMMU-EMULATED-SSIDSIZE", Phase.REALIZE, "ssidsize= without accel=on")
                .because(
                        "the emulated SMMU has no other value; the property describes the "
                                + "host's SMMU",
                        "QEMU hw/arm/smmuv3.c, smmu_validate_property");
    }

    @Override
    public void check(Subject s, Found found) {
        for (SmmuInstance smmu : s.smmus()) {
            if (!smmu.accel() && smmu.ssidsize().orElse(0) != 0) {
                found.add(
                        Place.of(smmu).pointing(s.at(smmu.at(), "ssidsize")),
                        "ssidsize can only be set if accel=on",
                        "add accel=on, or remove ssidsize=",
                        new Edit.Remove(smmu.at(), "ssidsize"));
            }
        }
    }
}
