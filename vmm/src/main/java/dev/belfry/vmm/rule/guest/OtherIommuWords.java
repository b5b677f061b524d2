package dev.belfry.vmm.rule.guest;

import dev.belfry.vmm.machine.Phase;
import dev.belfry.vmm.rule.About;
import dev.belfry.vmm.rule.Found;
import dev.belfry.vmm.rule.Rule;
import dev.belfry.vmm.rule.Subject;
import java.util.Set;

/// A guest kernel told about another architecture's IOMMU.
final class OtherIommuWords implements Rule {

    private static final Set<String> NAMES = Set.of("iommu", "intel_iommu", "amd_iommu");

    @Override
    public About about() {
        return About.warning(
                        "GUEST-IOMMU-OTHER",
                        Phase.GUEST,
                        "a guest kernel told about another architecture's IOMMU")
                .because(
                        "iommu=, intel_iommu= and amd_iommu= are x86's; on Arm the kernel reads"
                                + " iommu.passthrough= and iommu.strict=",
                        "Linux Documentation/admin-guide/kernel-parameters.txt");
    }

    @Override
    public void check(Subject s, Found found) {
        KernelWords.words(s)
                .filter(w -> w.contains("="))
                .filter(w -> NAMES.contains(w.substring(0, w.indexOf('='))))
                .findFirst()
                .ifPresent(w ->
                        KernelWords.tell(
                                s,
                                found,
                                w
                                        + " does nothing on Arm"
                                        + (w.equals("iommu=pt")
                                                ? ": the SMMU translates; iommu.passthrough=1 is what"
                                                        + " turns that off"
                                                : ""),
                                w));
    }
}
