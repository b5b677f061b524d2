package dev.belfry.vmm.rule.host;

import dev.belfry.host.description.SmmuDescription;
import dev.belfry.vmm.machine.PciFunction;
import dev.belfry.vmm.machine.SmmuInstance;
import dev.belfry.vmm.rule.About;
import dev.belfry.vmm.rule.Found;
import dev.belfry.vmm.rule.Place;
import dev.belfry.vmm.rule.Rule;
import dev.belfry.vmm.rule.Subject;
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
                                        "give it a pxb-pcie with an arm-smmuv3 of its own"));
            }
        }
    }
}
