package dev.belfry.vmm.rule.vfio;

import dev.belfry.vmm.cmdline.Edit;
import dev.belfry.vmm.machine.Iommufd;
import dev.belfry.vmm.machine.PciFunction;
import dev.belfry.vmm.machine.SmmuInstance;
import dev.belfry.vmm.rule.About;
import dev.belfry.vmm.rule.Found;
import dev.belfry.vmm.rule.Place;
import dev.belfry.vmm.rule.Rule;
import dev.belfry.vmm.rule.Subject;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// Devices of one SMMU on different iommufd objects.
final class MixedIommufds implements Rule {

    @Override
    public About about() {
        return About.lost("VFIO-IOMMUFD-MIXED", "devices of one SMMU on different iommufd objects")
                .because(
                        "an SMMU has one vIOMMU, which belongs to the iommufd of its first "
                                + "device",
                        "QEMU hw/arm/smmuv3-accel.c, smmuv3_accel_alloc_viommu; Linux iommufd: "
                                + "ids are those of one file");
    }

    @Override
    public void check(Subject s, Found found) {
        for (SmmuInstance smmu : s.accelerated()) {
            List<PciFunction.Vfio> served = s.served(smmu);
            for (PciFunction.Vfio vfio : served) {
                String first = served.getFirst().iommufd();
                if (!vfio.iommufd().isEmpty() && !vfio.iommufd().equals(first)) {
                    found.add(
                            Place.of(vfio.plugged(), "iommufd"),
                            "iommufd="
                                    + vfio.iommufd()
                                    + ", and the first device behind "
                                    + smmu.label()
                                    + " is on "
                                    + first,
                            "write iommufd="
                                    + first
                                    + (idle(s, vfio).isEmpty()
                                            ? ""
                                            : ", and remove -object iommufd,id=" + vfio.iommufd()),
                            Stream.concat(
                                            Stream.of(
                                                    new Edit.Set(
                                                            vfio.plugged().at(), "iommufd", first)),
                                            idle(s, vfio).map(f -> new Edit.Drop(f.at())).stream())
                                    .toArray(Edit[]::new));
                }
            }
        }
    }

    /// The object that nobody uses when that device does no longer.
    private static Optional<Iommufd> idle(Subject s, PciFunction.Vfio vfio) {
        boolean others =
                s.functions(PciFunction.Vfio.class)
                        .anyMatch(v -> !v.equals(vfio) && v.iommufd().equals(vfio.iommufd()));
        return others
                ? Optional.empty()
                : s.machine().iommufds().stream()
                        .filter(f -> f.id().equals(vfio.iommufd()))
                        .findFirst();
    }
}
