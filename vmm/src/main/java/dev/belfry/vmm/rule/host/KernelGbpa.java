package dev.belfry.vmm.rule.host;

import dev.belfry.host.uapi.KernelVersion;
import dev.belfry.vmm.machine.Phase;
import dev.belfry.vmm.machine.SmmuInstance;
import dev.belfry.vmm.rule.About;
import dev.belfry.vmm.rule.Found;
import dev.belfry.vmm.rule.Place;
import dev.belfry.vmm.rule.Rule;
import dev.belfry.vmm.rule.Subject;

/// A host kernel that wants a vDEVICE before bypass.
final class KernelGbpa implements Rule {

    @Override
    public About about() {
        return About.error(
                        "KERNEL-GBPA",
                        Phase.ATTACH,
                        "a host kernel that wants a vDEVICE before bypass")
                .because(
                        "before Linux 6.19 a nested domain cannot be attached before the "
                                + "StreamID is known, not even bypass (ENOENT)",
                        "Linux drivers/iommu/arm/arm-smmu-v3-iommufd.c; lore "
                                + "20251103172755.2026145-1-nicolinc@nvidia.com");
    }

    @Override
    public void check(Subject s, Found found) {
        for (SmmuInstance smmu : s.accelerated()) {
            if (s.kernel().isPresent()
                    && s.kernel().get().has(KernelVersion.V6_13)
                    && !s.kernel().get().has(KernelVersion.V6_19)
                    && !s.served(smmu).isEmpty()) {
                found.add(
                        Place.of(s.served(smmu).getFirst()),
                        "Linux "
                                + s.kernel().get()
                                + " refuses to attach "
                                + s.served(smmu).getFirst().host()
                                + " to the bypass domain of "
                                + smmu.label()
                                + " (ENOENT)",
                        "use a host with Linux 6.19 or newer");
            }
        }
    }
}
