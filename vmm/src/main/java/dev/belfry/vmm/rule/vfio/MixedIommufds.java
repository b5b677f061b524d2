package dev.belfry.vmm.rule.vfio;

import dev.belfry.vmm.cmdline.Edit;
import dev.belfry.vmm.machine.PciFunction;
import dev.belfry.vmm.machine.SmmuInstance;
import dev.belfry.vmm.rule.About;
import dev.belfry.vmm.rule.Found;
import dev.belfry.vmm.rule.Place;
import dev.belfry.vmm.rule.Rule;
import dev.belfry.vmm.rule.Subject;
import java.util.List;

/// Devices of one SMMU on different iommufd objects.
final class MixedIommufds implements Rule {

    @Override
    public About about() {
        return About.lost("VFIO-IOMMUFD-MIXED", "devices of one SMMU on different iommufd objects")
                .because(
                        "an SMMU has one vIOMMU, which belongs to the iommufd of its first "
                                + "device",
                        "QEMU hw/arm/smmuv3-accel.c, smmuv3_accel_alloc_viommu; Linux iommufd: "
                                + "ids are those of one file");
    }

    @Override
    public void check(Subject s, Found found) {
        for (SmmuInstance smmu : s.accelerated()) {
            List<PciFunction.Vfio> served = s.served(smmu);
            for (PciFunction.Vfio vfio : served) {
                String first = served.getFirst().iommufd();
                if (!vfio.iommufd().isEmpty() && !vfio.iommufd().equals(first)) {
                    found.add(
                            Place.of(vfio.plugged(), "iommufd"),
                            "iommufd="
                                    + vfio.iommufd()
                                    + ", and the first device behind "
                                    + smmu.label()
                                    + " is on "
                                    + first,
                            "write iommufd=" + first,
                            new Edit.Set(vfio.plugged().at(), "iommufd", first));
                }
            }
        }
    }
}
