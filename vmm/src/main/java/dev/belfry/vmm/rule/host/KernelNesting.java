package dev.belfry.vmm.rule.host;

import dev.belfry.host.description.KernelOption;
import dev.belfry.vmm.machine.Phase;
import dev.belfry.vmm.rule.Found;
import dev.belfry.vmm.rule.Place;
import dev.belfry.vmm.rule.Subject;

/// A host whose SMMU driver does not nest.
final class KernelNesting extends KernelBuild {

    KernelNesting() {
        super(
                KernelOption.ARM_SMMU_V3_IOMMUFD,
                Phase.ATTACH,
                "Linux drivers/iommu/arm/Kconfig; arm-smmu-v3.h, arm_smmu_get_viommu_size");
    }

    @Override
    void tell(Subject s, Found found) {
        firstBehindAccel(s)
                .ifPresent(b ->
                        found.add(
                                Place.of(b.function()),
                                "IOMMU_VIOMMU_ALLOC for "
                                        + b.function().host()
                                        + " fails with EOPNOTSUPP, so "
                                        + b.smmu().label()
                                        + " cannot be accelerated"
                                        + built(),
                                fix()));
    }
}
