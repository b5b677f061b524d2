package dev.belfry.vmm.rule.host;

import dev.belfry.host.description.KernelOption;
import dev.belfry.vmm.machine.Phase;
import dev.belfry.vmm.rule.Found;
import dev.belfry.vmm.rule.Subject;

/// A host without `/dev/iommu`.
final class KernelIommufd extends KernelBuild {

    KernelIommufd() {
        super(
                KernelOption.IOMMUFD,
                Phase.REALIZE,
                "Linux drivers/iommu/iommufd/Kconfig; QEMU backends/iommufd.c");
    }

    @Override
    void tell(Subject s, Found found) {
        tellFirst(
                onIommufd(s), "iommufd", v -> "QEMU cannot open /dev/iommu for " + v.host(), found);
    }
}
