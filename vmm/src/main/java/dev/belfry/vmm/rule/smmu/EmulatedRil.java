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

/// Ril=off without accel=on.
final class EmulatedRil implements Rule {

    @Override
    public About about() {
        return About.error("SMMU-EMULATED-RIL", Phase.REALIZE, "ril=off without accel=on")
                .because(
                        "the emulated SMMU has no other value; the property describes the "
                                + "host's SMMU",
                        "QEMU hw/arm/smmuv3.c, smmu_validate_property");
    }

    @Override
    public void check(Subject s, Found found) {
        for (SmmuInstance smmu : s.smmus()) {
            if (!smmu.accel() && smmu.ril() == OnOffAuto.OFF) {
                found.add(
                        Place.of(smmu).pointing(s.at(smmu.at(), "ril")),
                        "ril can only be disabled if accel=on",
                        "add accel=on, or remove ril=off",
                        new Edit.Remove(smmu.at(), "ril"));
            }
        }
    }
}
