package dev.belfry.vmm.rule.smmu;

import dev.belfry.vmm.cmdline.Edit;
import dev.belfry.vmm.machine.Phase;
import dev.belfry.vmm.machine.SmmuInstance;
import dev.belfry.vmm.rule.About;
import dev.belfry.vmm.rule.Found;
import dev.belfry.vmm.rule.Place;
import dev.belfry.vmm.rule.Rule;
import dev.belfry.vmm.rule.Subject;

/// Accel=on with another stage than 1.
final class AccelStage implements Rule {

    @Override
    public About about() {
        return About.error("SMMU-ACCEL-STAGE", Phase.REALIZE, "accel=on with another stage than 1")
                .because(
                        "stage 2 belongs to the host, which maps the guest's memory there",
                        "QEMU hw/arm/smmuv3.c, smmu_validate_property");
    }

    @Override
    public void check(Subject s, Found found) {
        for (SmmuInstance smmu : s.accelerated()) {
            if (smmu.stage() != SmmuInstance.Stage.ONE) {
                found.add(
                        Place.of(smmu).pointing(s.at(smmu.at(), "stage")),
                        "Only stage1 is supported for SMMUv3 with accel=on",
                        "remove stage=",
                        new Edit.Remove(smmu.at(), "stage"));
            }
        }
    }
}
