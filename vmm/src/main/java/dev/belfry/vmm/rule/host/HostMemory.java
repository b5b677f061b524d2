package dev.belfry.vmm.rule.host;

import dev.belfry.vmm.machine.Phase;
import dev.belfry.vmm.rule.About;
import dev.belfry.vmm.rule.Found;
import dev.belfry.vmm.rule.Place;
import dev.belfry.vmm.rule.Rule;
import dev.belfry.vmm.rule.Subject;

/// More guest RAM than the host has.
final class HostMemory implements Rule {

    @Override
    public About about() {
        return About.error("HOST-MEMORY", Phase.MACHINE, "more guest RAM than the host has")
                .because(
                        "a device's DMA needs all guest RAM pinned",
                        "Linux drivers/iommu/iommufd/pages.c");
    }

    @Override
    public void check(Subject s, Found found) {
        if (s.host().isPresent() && s.machine().memory().size() > s.host().get().ramSize()) {
            found.add(
                    Place.before(s.optionAt("m")),
                    "the guest gets "
                            + (s.machine().memory().size() >> 30)
                            + " GiB, and the host has "
                            + (s.host().get().ramSize() >> 30),
                    "write less than -m " + (s.host().get().ramSize() >> 30) + "G");
        }
    }
}
