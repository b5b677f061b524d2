package dev.belfry.vmm.rule.host;

import dev.belfry.vmm.machine.PciFunction;
import dev.belfry.vmm.machine.Phase;
import dev.belfry.vmm.rule.About;
import dev.belfry.vmm.rule.Found;
import dev.belfry.vmm.rule.Place;
import dev.belfry.vmm.rule.Rule;
import dev.belfry.vmm.rule.Subject;

/// A device whose DMA is not cache coherent.
final class Coherent implements Rule {

    @Override
    public About about() {
        return About.error(
                        "VFIO-COHERENT", Phase.REALIZE, "a device whose DMA is not cache coherent")
                .because(
                        "iommufd binds only devices with IOMMU_CAP_CACHE_COHERENCY (EINVAL)",
                        "Linux drivers/iommu/iommufd/device.c");
    }

    @Override
    public void check(Subject s, Found found) {
        for (PciFunction.Vfio vfio : s.functions(PciFunction.Vfio.class).toList()) {
            s.hostDevice(vfio)
                    .filter(d -> !d.coherent())
                    .ifPresent(d ->
                            found.add(
                                    Place.of(vfio.plugged(), "host"),
                                    "binding " + vfio.host() + ": EINVAL, its DMA is not coherent",
                                    "pass another device through: this one's firmware node says that it does not"
                                            + " snoop caches"));
        }
    }
}
