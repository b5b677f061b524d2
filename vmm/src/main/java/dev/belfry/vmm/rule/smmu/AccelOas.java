package dev.belfry.vmm.rule.smmu;

import dev.belfry.vmm.cmdline.Edit;
import dev.belfry.vmm.machine.Phase;
import dev.belfry.vmm.machine.SmmuInstance;
import dev.belfry.vmm.rule.About;
import dev.belfry.vmm.rule.Found;
import dev.belfry.vmm.rule.Place;
import dev.belfry.vmm.rule.Rule;
import dev.belfry.vmm.rule.Subject;

/// An output address size that QEMU does not offer.
final class AccelOas implements Rule {

    @Override
    public About about() {
        return About.error(
                        "SMMU-OAS",
                        Phase.REALIZE,
                        "an output address size that QEMU does not offer")
                .because(
                        "QEMU implements IDR5.OAS of 44 and 48 bits",
                        "QEMU hw/arm/smmuv3.c, smmu_validate_property");
    }

    @Override
    public void check(Subject s, Found found) {
        for (SmmuInstance smmu : s.accelerated()) {
            if (smmu.oas().isPresent()
                    && smmu.oas().getAsInt() != 44
                    && smmu.oas().getAsInt() != 48) {
                found.add(
                        Place.of(smmu).pointing(s.at(smmu.at(), "oas")),
                        "OAS can only be set to 44 or 48 bits",
                        "write oas=48",
                        new Edit.Set(smmu.at(), "oas", smmu.oas().getAsInt() < 44 ? "44" : "48"));
            }
        }
    }
}
