package dev.belfry.vmm.rule.guest;

import dev.belfry.vmm.machine.Phase;
import dev.belfry.vmm.machine.SmmuInstance;
import dev.belfry.vmm.rule.About;
import dev.belfry.vmm.rule.Found;
import dev.belfry.vmm.rule.Place;
import dev.belfry.vmm.rule.Rule;
import dev.belfry.vmm.rule.Subject;

/// A guest kernel told to translate nothing, and SubstreamIDs offered to it.
final class PassthroughPasid implements Rule {

    @Override
    public About about() {
        return About.note(
                        "GUEST-PASSTHROUGH-PASID",
                        Phase.GUEST,
                        "PASIDs beside a guest kernel told to translate nothing")
                .because(
                        "an identity domain leaves room for PASIDs only where the stream table"
                                + " entry has a CD table and S1DSS=BYPASS, which Linux writes"
                                + " since 6.11",
                        "IHI 0070, 3.9 and 5.2; Linux drivers/iommu/arm/arm-smmu-v3,"
                                + " arm_smmu_attach_dev_identity");
    }

    @Override
    public void check(Subject s, Found found) {
        if (!KernelWords.on(s, "iommu.passthrough", false)) {
            return;
        }
        for (SmmuInstance smmu : s.accelerated()) {
            if (smmu.ssidsize().orElse(0) > 0) {
                found.add(
                        Place.after(s.optionAt("append")),
                        "iommu.passthrough with ssidsize="
                                + smmu.ssidsize().getAsInt()
                                + ": a guest before Linux 6.11 cannot use PASIDs of devices behind "
                                + smmu.label(),
                        "boot a guest kernel of Linux 6.11 or newer, or remove iommu.passthrough=");
                return;
            }
        }
    }
}
