package dev.belfry.vmm.rule.guest;

import dev.belfry.vmm.machine.Phase;
import dev.belfry.vmm.rule.About;
import dev.belfry.vmm.rule.Found;
import dev.belfry.vmm.rule.Rule;
import dev.belfry.vmm.rule.Subject;

/// A guest kernel told to ignore ACPI.
final class AcpiOff implements Rule {

    @Override
    public About about() {
        return About.warning("GUEST-ACPI-OFF", Phase.GUEST, "a guest kernel told to ignore ACPI")
                .because(
                        "an accelerated SMMU and its reserved window are described by the IORT "
                                + "alone",
                        "Linux Documentation/admin-guide/kernel-parameters.txt");
    }

    @Override
    public void check(Subject s, Found found) {
        if (!s.accelerated().isEmpty() && KernelWords.values(s, "acpi").contains("off")) {
            KernelWords.tell(
                    s,
                    found,
                    "acpi=off: the guest kernel does not see accelerated SMMUs",
                    "acpi=off");
        }
    }
}
