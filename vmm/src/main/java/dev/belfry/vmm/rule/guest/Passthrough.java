package dev.belfry.vmm.rule.guest;

import dev.belfry.vmm.machine.Phase;
import dev.belfry.vmm.rule.About;
import dev.belfry.vmm.rule.Found;
import dev.belfry.vmm.rule.Place;
import dev.belfry.vmm.rule.Rule;
import dev.belfry.vmm.rule.Subject;

/// A guest kernel told to translate nothing.
final class Passthrough implements Rule {

    @Override
    public About about() {
        return About.note(
                        "GUEST-PASSTHROUGH",
                        Phase.GUEST,
                        "a guest kernel told to translate nothing")
                .because(
                        "iommu.passthrough=1 makes default domains identity: the stream table "
                                + "entry says bypass, and the device reaches all of the guest's memory",
                        "Linux Documentation/admin-guide/kernel-parameters.txt");
    }

    @Override
    public void check(Subject s, Found found) {
        // The name alone is no value, and iommu=pt is x86's: see OtherIommuWords.
        boolean passthrough = KernelWords.on(s, "iommu.passthrough", false);
        if (passthrough && !s.machine().smmus().isEmpty()) {
            found.add(
                    Place.after(s.optionAt("append")),
                    "iommu.passthrough=1: the guest's SMMU translates nothing; interrupts take the"
                            + " host's stage 2 alone and need no RMR",
                    "");
        }
    }
}
