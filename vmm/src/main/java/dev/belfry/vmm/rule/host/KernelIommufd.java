package dev.belfry.vmm.rule.host;

import dev.belfry.host.description.KernelOption;
import dev.belfry.vmm.machine.PciFunction;
import dev.belfry.vmm.machine.Phase;
import dev.belfry.vmm.rule.Found;
import dev.belfry.vmm.rule.Place;
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
        s.functions(PciFunction.Vfio.class)
                .filter(v -> !v.iommufd().isEmpty())
                .findFirst()
                .ifPresent(v ->
                        found.add(
                                Place.of(v.plugged(), "iommufd"),
                                "QEMU cannot open /dev/iommu for " + v.host() + built(),
                                fix()));
    }
}
