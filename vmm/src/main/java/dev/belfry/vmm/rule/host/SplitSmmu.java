package dev.belfry.vmm.rule.host;

import dev.belfry.host.description.SmmuDescription;
import dev.belfry.vmm.machine.PciFunction;
import dev.belfry.vmm.machine.Phase;
import dev.belfry.vmm.machine.SmmuInstance;
import dev.belfry.vmm.rule.About;
import dev.belfry.vmm.rule.Found;
import dev.belfry.vmm.rule.Place;
import dev.belfry.vmm.rule.Rule;
import dev.belfry.vmm.rule.Subject;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/// One host SMMU behind two guest SMMUs.
final class SplitSmmu implements Rule {

    @Override
    public About about() {
        return About.warning("SMMU-SPLIT", Phase.ATTACH, "one host SMMU behind two guest SMMUs")
                .because(
                        "both vIOMMUs stand on one stage 2 and its VMID, so their ASIDs can "
                                + "meet in the host's TLB",
                        "Linux drivers/iommu/arm/arm-smmu-v3-iommufd.c; Kata runtime-rs "
                                + "qemu/ARCHITECTURE.md");
    }

    @Override
    public void check(Subject s, Found found) {
        Map<String, SmmuInstance> taken = new HashMap<>();
        for (Subject.Behind<PciFunction.Vfio> b : s.behind(PciFunction.Vfio.class).toList()) {
            Optional<SmmuDescription> host = s.hostSmmu(b.function()).filter(x -> b.smmu().accel());
            if (host.isEmpty()) {
                continue;
            }
            SmmuInstance first = taken.putIfAbsent(host.get().name(), b.smmu());
            if (first != null && !first.equals(b.smmu())) {
                found.add(
                        Place.of(b.function()),
                        b.function().host()
                                + " is behind the host's "
                                + host.get().name()
                                + ", as devices of "
                                + first.label()
                                + " are: devices that share a host SMMU share a guest SMMU",
                        "put it behind " + first.label());
            }
        }
    }
}
