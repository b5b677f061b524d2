package dev.belfry.vmm.rule.vfio;

import dev.belfry.vmm.cmdline.Edit;
import dev.belfry.vmm.machine.PciFunction;
import dev.belfry.vmm.rule.About;
import dev.belfry.vmm.rule.Found;
import dev.belfry.vmm.rule.Place;
import dev.belfry.vmm.rule.Rule;
import dev.belfry.vmm.rule.Subject;

/// A passed-through device that was made before its SMMU.
final class BeforeSmmu implements Rule {

    @Override
    public About about() {
        return About.lost(
                        "VFIO-BEFORE-SMMU", "a passed-through device that was made before its SMMU")
                .because(
                        "a device is bound to the IOMMU of its bus when it is made; nobody "
                                + "tells it of one that appears later",
                        "QEMU hw/vfio/pci.c, vfio_pci_realize");
    }

    @Override
    public void check(Subject s, Found found) {
        for (PciFunction.Vfio vfio : s.functions(PciFunction.Vfio.class).toList()) {
            s.machine()
                    .smmuOf(vfio)
                    .filter(x -> x.order() > vfio.plugged().order())
                    .filter(x -> !x.accel() || !vfio.iommufd().isEmpty())
                    .ifPresent(x ->
                            found.add(
                                    Place.of(vfio),
                                    "the device is made before "
                                            + x.label()
                                            + " (at "
                                            + x.at()
                                            + ") and is never bound to it: the guest's"
                                            + " translations do not reach the device",
                                    "put -device arm-smmuv3 before the devices behind it",
                                    new Edit.Move(x.at(), vfio.plugged().at())));
        }
    }
}
