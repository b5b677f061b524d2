package dev.belfry.vmm.rule.host;

import dev.belfry.host.description.SmmuDescription;
import dev.belfry.vmm.cmdline.Edit;
import dev.belfry.vmm.machine.OnOffAuto;
import dev.belfry.vmm.machine.PciFunction;
import dev.belfry.vmm.machine.Phase;
import dev.belfry.vmm.machine.SmmuInstance;
import dev.belfry.vmm.rule.About;
import dev.belfry.vmm.rule.Found;
import dev.belfry.vmm.rule.Place;
import dev.belfry.vmm.rule.Rule;
import dev.belfry.vmm.rule.Subject;
import java.util.Optional;

/// A host's SMMU without hardware queues.
final class HostCmdqv implements Rule {

    @Override
    public About about() {
        return About.error("CMDQV-HOST", Phase.ATTACH, "a host's SMMU without hardware queues")
                .because(
                        "IOMMU_GET_HW_INFO has nothing to say of a Tegra241 CMDQV",
                        "QEMU hw/arm/tegra241-cmdqv.c, tegra241_cmdqv_probe");
    }

    @Override
    public void check(Subject s, Found found) {
        for (SmmuInstance smmu : s.accelerated()) {
            Optional<PciFunction.Vfio> first = s.served(smmu).stream().findFirst();
            Optional<SmmuDescription> host = first.flatMap(s::hostSmmu);
            if (smmu.cmdqv() == OnOffAuto.ON && host.filter(h -> h.cmdqv().isEmpty()).isPresent()) {
                found.add(
                        Place.of(first.orElseThrow()).pointing(s.at(smmu.at(), "cmdqv")),
                        "CMDQV requested but not supported: " + host.get().name() + " has none",
                        "write cmdqv=off or cmdqv=auto",
                        new Edit.Set(smmu.at(), "cmdqv", "auto"));
            }
        }
    }
}
