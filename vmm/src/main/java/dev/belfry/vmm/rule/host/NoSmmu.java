package dev.belfry.vmm.rule.host;

import dev.belfry.vmm.machine.PciFunction;
import dev.belfry.vmm.machine.Phase;
import dev.belfry.vmm.rule.About;
import dev.belfry.vmm.rule.Found;
import dev.belfry.vmm.rule.Place;
import dev.belfry.vmm.rule.Rule;
import dev.belfry.vmm.rule.Subject;

/// A host without SMMUv3.
final class NoSmmu implements Rule {

    @Override
    public About about() {
        return About.error("HOST-NO-SMMU", Phase.REALIZE, "a host without SMMUv3")
                .because(
                        "without an IOMMU in front of it a device is in no IOMMU group, and VFIO"
                                + " takes none such",
                        "Linux drivers/vfio/group.c; Documentation/driver-api/vfio.rst");
    }

    @Override
    public void check(Subject s, Found found) {
        if (s.host().filter(h -> h.smmus().isEmpty()).isEmpty()) {
            return;
        }
        for (PciFunction.Vfio vfio : s.functions(PciFunction.Vfio.class).toList()) {
            found.add(
                    Place.of(vfio.plugged(), "host"),
                    "the host has no SMMUv3: " + vfio.host() + " cannot be passed through there",
                    "use a host that lists SMMUs in /sys/class/iommu; where firmware has a setting"
                            + " for the SMMU, turn it on");
        }
    }
}
