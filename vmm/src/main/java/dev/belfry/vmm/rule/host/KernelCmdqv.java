package dev.belfry.vmm.rule.host;

import dev.belfry.host.uapi.KernelVersion;
import dev.belfry.vmm.cmdline.Edit;
import dev.belfry.vmm.machine.OnOffAuto;
import dev.belfry.vmm.machine.Phase;
import dev.belfry.vmm.machine.SmmuInstance;
import dev.belfry.vmm.rule.About;
import dev.belfry.vmm.rule.Found;
import dev.belfry.vmm.rule.Place;
import dev.belfry.vmm.rule.Rule;
import dev.belfry.vmm.rule.Subject;

/// A host kernel without hardware queues.
final class KernelCmdqv implements Rule {

    @Override
    public About about() {
        return About.error("KERNEL-CMDQV", Phase.ATTACH, "a host kernel without hardware queues")
                .because(
                        "IOMMU_HW_QUEUE_ALLOC came with Linux 6.17",
                        "Linux include/uapi/linux/iommufd.h");
    }

    @Override
    public void check(Subject s, Found found) {
        for (SmmuInstance smmu : s.accelerated()) {
            if (s.kernel().isPresent()
                    && !s.kernel().get().has(KernelVersion.V6_17)
                    && smmu.cmdqv() == OnOffAuto.ON) {
                found.add(
                        Place.of(smmu).pointing(s.at(smmu.at(), "cmdqv")),
                        "cmdqv=on needs Linux 6.17 on the host, which has " + s.kernel().get(),
                        "remove cmdqv=on",
                        new Edit.Remove(smmu.at(), "cmdqv"));
            }
        }
    }
}
