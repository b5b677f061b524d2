package dev.belfry.vmm.rule.smmu;

import dev.belfry.vmm.cmdline.Edit;
import dev.belfry.vmm.machine.OnOffAuto;
import dev.belfry.vmm.machine.Phase;
import dev.belfry.vmm.machine.SmmuInstance;
import dev.belfry.vmm.rule.About;
import dev.belfry.vmm.rule.Found;
import dev.belfry.vmm.rule.Place;
import dev.belfry.vmm.rule.Rule;
import dev.belfry.vmm.rule.Subject;

/// Ats=on without accel=on.
final class EmulatedAts implements Rule {

    @Override
    public About about() {
        return About.error("SMMU-EMULATED-ATS", Phase.REALIZE, "ats=on without accel=on")
                .because(
                        "the emulated SMMU has no other value; the property describes the "
                                + "host's SMMU",
                        "QEMU hw/arm/smmuv3.c, smmu_validate_property");
    }

    @Override
    public void check(Subject s, Found found) {
        for (SmmuInstance smmu : s.smmus()) {
            if (!smmu.accel() && smmu.ats() == OnOffAuto.ON) {
                found.add(
                        Place.of(smmu).pointing(s.at(smmu.at(), "ats")),
                        "ats can only be enabled if accel=on",
                        "add accel=on, or remove ats=on",
                        new Edit.Remove(smmu.at(), "ats"));
            }
        }
    }
}
