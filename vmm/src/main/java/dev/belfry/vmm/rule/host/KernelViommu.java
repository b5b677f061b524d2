package dev.belfry.vmm.rule.host;

import dev.belfry.host.uapi.KernelVersion;
import dev.belfry.vmm.machine.Phase;
import dev.belfry.vmm.machine.SmmuInstance;
import dev.belfry.vmm.rule.About;
import dev.belfry.vmm.rule.Found;
import dev.belfry.vmm.rule.Place;
import dev.belfry.vmm.rule.Rule;
import dev.belfry.vmm.rule.Subject;

/// A host kernel without vIOMMU objects.
final class KernelViommu implements Rule {

    @Override
    public About about() {
        return About.error("KERNEL-VIOMMU", Phase.ATTACH, "a host kernel without vIOMMU objects")
                .because(
                        "IOMMU_VIOMMU_ALLOC and nested SMMUv3 came with Linux 6.13",
                        "Linux include/uapi/linux/iommufd.h");
    }

    @Override
    public void check(Subject s, Found found) {
        for (SmmuInstance smmu : s.accelerated()) {
            if (s.kernel().isPresent()
                    && !s.kernel().get().has(KernelVersion.V6_13)
                    && !s.served(smmu).isEmpty()) {
                found.add(
                        Place.of(s.served(smmu).getFirst()),
                        "Linux "
                                + s.kernel().get()
                                + " has no vIOMMU objects (ENOTTY): accel=on"
                                + " needs 6.13, and 6.19 to attach before the guest enables the SMMU",
                        "use a host with Linux 6.19 or newer");
            }
        }
    }
}
