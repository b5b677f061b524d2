package dev.belfry.vmm.rule.guest;

import dev.belfry.vmm.machine.OnOffAuto;
import dev.belfry.vmm.machine.Phase;
import dev.belfry.vmm.machine.SmmuInstance;
import dev.belfry.vmm.rule.About;
import dev.belfry.vmm.rule.Found;
import dev.belfry.vmm.rule.Rule;
import dev.belfry.vmm.rule.Subject;

/// A guest kernel told to use no ATS.
final class Noats implements Rule {

    @Override
    public About about() {
        return About.warning("GUEST-NOATS", Phase.GUEST, "a guest kernel told to use no ATS")
                .because(
                        "pci=noats turns ATS off, whatever the SMMU offers",
                        "Linux Documentation/admin-guide/kernel-parameters.txt");
    }

    @Override
    public void check(Subject s, Found found) {
        for (SmmuInstance smmu : s.accelerated()) {
            if (smmu.ats() == OnOffAuto.ON && KernelWords.values(s, "pci").contains("noats")) {
                KernelWords.tell(
                        s,
                        found,
                        "pci=noats: the guest does not use the ATS that ats=on of "
                                + smmu.label()
                                + " offers",
                        "pci=noats");
            }
        }
    }
}
