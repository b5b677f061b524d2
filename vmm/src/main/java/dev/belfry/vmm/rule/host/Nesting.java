package dev.belfry.vmm.rule.host;

import dev.belfry.host.iommu.HwInfo;
import dev.belfry.host.smmu.NestingSupport;
import dev.belfry.vmm.machine.PciFunction;
import dev.belfry.vmm.machine.Phase;
import dev.belfry.vmm.rule.About;
import dev.belfry.vmm.rule.Found;
import dev.belfry.vmm.rule.Place;
import dev.belfry.vmm.rule.Rule;
import dev.belfry.vmm.rule.Subject;

/// A host SMMU that cannot nest.
final class Nesting implements Rule {

    @Override
    public About about() {
        return About.error("HOST-NESTING", Phase.ATTACH, "a host SMMU that cannot nest")
                .because(
                        "the guest's stage 1 runs on the host's SMMU, below the host's stage 2",
                        "Linux drivers/iommu/arm/arm-smmu-v3, arm_smmu_get_viommu_size");
    }

    @Override
    public void check(Subject s, Found found) {
        for (Subject.Behind<PciFunction.Vfio> b : s.behind(PciFunction.Vfio.class).toList()) {
            if (!b.smmu().accel()) {
                continue;
            }
            s.hostSmmu(b.function())
                    .flatMap(x ->
                            new NestingSupport(HwInfo.of(x.identity())).whyNoViommu(x.canwbs()))
                    .ifPresent(why ->
                            found.add(
                                    Place.of(b.function()),
                                    "the host refuses to nest for "
                                            + b.function().host()
                                            + ": "
                                            + why,
                                    "use a host whose SMMU can nest"));
        }
    }
}
