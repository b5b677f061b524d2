package dev.belfry.vmm.rule.host;

import dev.belfry.host.description.KernelOption;
import dev.belfry.vmm.machine.PciFunction;
import dev.belfry.vmm.machine.Phase;
import dev.belfry.vmm.rule.Found;
import dev.belfry.vmm.rule.Subject;

/// A host that does not drive its SMMUs.
final class KernelSmmuDriver extends KernelBuild {

    KernelSmmuDriver() {
        super(KernelOption.ARM_SMMU_V3, Phase.REALIZE, "Linux drivers/iommu/arm/Kconfig");
    }

    @Override
    void tell(Subject s, Found found) {
        tellFirst(
                s.functions(PciFunction.Vfio.class),
                "host",
                v -> v.host() + " is in no IOMMU group, so VFIO refuses it",
                found);
    }
}
