package dev.belfry.vmm.rule.host;

import dev.belfry.host.description.KernelOption;
import dev.belfry.vmm.machine.Phase;
import dev.belfry.vmm.rule.Found;
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
        tellFirst(
                onIommufd(s),
                "iommufd",
                v -> v.host() + " has no /dev/vfio/devices/vfioN, which iommufd= needs",
                found);
    }
}
