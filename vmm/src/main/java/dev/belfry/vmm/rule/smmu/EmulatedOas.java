package dev.belfry.vmm.rule.smmu;

import dev.belfry.vmm.cmdline.Edit;
import dev.belfry.vmm.machine.Phase;
import dev.belfry.vmm.machine.SmmuInstance;
import dev.belfry.vmm.rule.About;
import dev.belfry.vmm.rule.Found;
import dev.belfry.vmm.rule.Place;
import dev.belfry.vmm.rule.Rule;
import dev.belfry.vmm.rule.Subject;

/// Oas= without accel=on.
final class EmulatedOas implements Rule {

    @Override
    public About about() {
        return About.error("SMMU-EMULATED-OAS", Phase.REALIZE, "oas= without accel=on")
                .because(
                        "the emulated SMMU has no other value; the property describes the "
                                + "host's SMMU",
                        "QEMU hw/arm/smmuv3.c, smmu_validate_property");
    }

    @Override
    public void check(Subject s, Found found) {
        for (SmmuInstance smmu : s.smmus()) {
            if (!smmu.accel()
                    && smmu.oas().orElse(SmmuInstance.DEFAULT_OAS) != SmmuInstance.DEFAULT_OAS) {
                found.add(
                        Place.of(smmu).pointing(s.at(smmu.at(), "oas")),
                        "OAS must be 44 bits when accel=off",
                        "add accel=on, or remove oas=",
                        new Edit.Remove(smmu.at(), "oas"));
            }
        }
    }
}
