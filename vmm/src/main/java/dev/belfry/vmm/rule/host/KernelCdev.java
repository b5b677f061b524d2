package dev.belfry.vmm.rule.host;

import dev.belfry.host.description.KernelOption;
import dev.belfry.vmm.machine.PciFunction;
import dev.belfry.vmm.machine.Phase;
import dev.belfry.vmm.rule.Found;
import dev.belfry.vmm.rule.Place;
import dev.belfry.vmm.rule.Subject;

/// A host without character devices of VFIO.
final class KernelCdev extends KernelBuild {

    KernelCdev() {
        super(
                KernelOption.VFIO_DEVICE_CDEV,
                Phase.REALIZE,
                "Linux drivers/vfio/Kconfig; KubeVirt issue 18895");
    }

    @Override
    void tell(Subject s, Found found) {
        s.functions(PciFunction.Vfio.class)
                .filter(v -> !v.iommufd().isEmpty())
                .findFirst()
                .ifPresent(v ->
                        found.add(
                                Place.of(v.plugged(), "iommufd"),
                                v.host()
                                        + " has no /dev/vfio/devices/vfioN, which iommufd= needs"
                                        + built(),
                                fix()));
    }
}
