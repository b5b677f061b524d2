package dev.belfry.vmm.rule.host;

import dev.belfry.host.description.SmmuDescription;
import dev.belfry.vmm.cmdline.Edit;
import dev.belfry.vmm.cmdline.Position;
import dev.belfry.vmm.machine.PciFunction;
import dev.belfry.vmm.machine.Phase;
import dev.belfry.vmm.machine.SmmuInstance;
import dev.belfry.vmm.rule.About;
import dev.belfry.vmm.rule.Found;
import dev.belfry.vmm.rule.Place;
import dev.belfry.vmm.rule.Rule;
import dev.belfry.vmm.rule.Subject;
import dev.belfry.vmm.rule.Suggestion;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

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
                Suggestion right = new Suggestion(s);
                boolean alone = s.served(b.smmu()).size() == 1;
                found.add(
                        Place.of(b.function()),
                        b.function().host()
                                + " is behind the host's "
                                + host.get().name()
                                + ", as devices of "
                                + first.label()
                                + " are: devices that share a host SMMU share a guest SMMU",
                        "write "
                                + right.port(first.primaryBus())
                                + " in front of it, bus="
                                + right.portId()
                                + (alone ? ", and remove -device arm-smmuv3 of its own" : ""),
                        edits(b, right, first, alone));
            }
        }
    }

    /// An SMMU with nothing behind it goes, since nobody would tell it what it is.
    private static Edit[] edits(
            Subject.Behind<PciFunction.Vfio> b,
            Suggestion right,
            SmmuInstance first,
            boolean alone) {
        Position at = b.function().plugged().at();
        Stream<Edit> moved =
                Stream.of(
                        new Edit.Insert(at, right.port(first.primaryBus())),
                        new Edit.Set(at, "bus", right.portId()));
        return (alone ? Stream.concat(moved, Stream.of(new Edit.Drop(b.smmu().at()))) : moved)
                .toArray(Edit[]::new);
    }
}
