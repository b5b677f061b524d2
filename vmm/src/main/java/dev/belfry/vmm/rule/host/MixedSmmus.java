package dev.belfry.vmm.rule.host;

import dev.belfry.host.description.SmmuDescription;
import dev.belfry.vmm.cmdline.Edit;
import dev.belfry.vmm.machine.PciFunction;
import dev.belfry.vmm.machine.SmmuInstance;
import dev.belfry.vmm.rule.About;
import dev.belfry.vmm.rule.Found;
import dev.belfry.vmm.rule.Place;
import dev.belfry.vmm.rule.Rule;
import dev.belfry.vmm.rule.Subject;
import dev.belfry.vmm.rule.Suggestion;
import java.util.List;
import java.util.Optional;

/// Devices of two host SMMUs behind one guest SMMU.
final class MixedSmmus implements Rule {

    @Override
    public About about() {
        return About.lost("SMMU-MIXED", "devices of two host SMMUs behind one guest SMMU")
                .because(
                        "a vIOMMU stands for one physical SMMU; QEMU says that the device cannot "
                                + "be attached to it (EINVAL), and starts; the guest's first CFGI_ALL "
                                + "fails, before its driver listens for errors, and its command queue "
                                + "stays there: no device behind that SMMU is translated any more",
                        "Linux drivers/iommu/arm/arm-smmu-v3; QEMU hw/arm/smmuv3-accel.c");
    }

    @Override
    public void check(Subject s, Found found) {
        for (SmmuInstance smmu : s.accelerated()) {
            List<PciFunction.Vfio> served = s.served(smmu);
            Optional<SmmuDescription> first = served.stream().findFirst().flatMap(s::hostSmmu);
            for (PciFunction.Vfio vfio : served) {
                Suggestion right = new Suggestion(s);
                String port = right.portId();
                String words =
                        other(s, smmu, vfio)
                                .map(x -> right.port(x.primaryBus()))
                                .orElseGet(() -> right.root(smmu));
                s.hostSmmu(vfio)
                        .filter(x -> first.isPresent() && !x.name().equals(first.get().name()))
                        .ifPresent(x ->
                                found.add(
                                        Place.of(vfio),
                                        vfio.host()
                                                + " is behind the host's "
                                                + x.name()
                                                + ", and the first device behind "
                                                + smmu.label()
                                                + " is behind "
                                                + first.get().name(),
                                        "write " + words + " in front of it, and bus=" + port,
                                        edits(vfio, words, port)));
            }
        }
    }

    /// The guest SMMU that stands for the device's host SMMU already.
    private static Optional<SmmuInstance> other(
            Subject s, SmmuInstance mixed, PciFunction.Vfio vfio) {
        return s.accelerated().stream()
                .filter(x -> !x.equals(mixed) && x.order() < vfio.plugged().order())
                .filter(x ->
                        s.served(x).stream()
                                .findFirst()
                                .flatMap(s::hostSmmu)
                                .equals(s.hostSmmu(vfio)))
                .findFirst();
    }

    private static Edit[] edits(PciFunction.Vfio vfio, String words, String port) {
        return new Edit[] {
            new Edit.Insert(vfio.plugged().at(), words),
            new Edit.Set(vfio.plugged().at(), "bus", port)
        };
    }
}
