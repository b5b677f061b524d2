package dev.belfry.vmm.rule.smmu;

import dev.belfry.vmm.cmdline.Edit;
import dev.belfry.vmm.machine.Phase;
import dev.belfry.vmm.machine.SmmuInstance;
import dev.belfry.vmm.rule.About;
import dev.belfry.vmm.rule.Found;
import dev.belfry.vmm.rule.Place;
import dev.belfry.vmm.rule.Rule;
import dev.belfry.vmm.rule.Subject;
import dev.belfry.vmm.version.QemuVersion;

/// More SubstreamID bits than there are.
final class AccelSsidsize implements Rule {

    @Override
    public About about() {
        return About.error("SMMU-SSIDSIZE", Phase.REALIZE, "more SubstreamID bits than there are")
                .because(
                        "a SubstreamID has 20 bits (IHI 0070, 6.3.2)",
                        "QEMU hw/arm/smmuv3.c, smmu_validate_property");
    }

    @Override
    public void check(Subject s, Found found) {
        if (s.qemu().isAtLeast(QemuVersion.V11_1)) {
            return; // a value that the property does not take
        }
        for (SmmuInstance smmu : s.accelerated()) {
            if (smmu.ssidsize().orElse(0) > 20) {
                found.add(
                        Place.of(smmu).pointing(s.at(smmu.at(), "ssidsize")),
                        "ssidsize must be in the range 0 to 20",
                        "write ssidsize=20 or less",
                        new Edit.Set(smmu.at(), "ssidsize", "20"));
            }
        }
    }
}
