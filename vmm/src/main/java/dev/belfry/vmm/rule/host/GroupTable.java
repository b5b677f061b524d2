package dev.belfry.vmm.rule.host;

import dev.belfry.host.description.DeviceDescription;
import dev.belfry.vmm.machine.PciFunction;
import dev.belfry.vmm.machine.Phase;
import dev.belfry.vmm.rule.About;
import dev.belfry.vmm.rule.Found;
import dev.belfry.vmm.rule.Place;
import dev.belfry.vmm.rule.Rule;
import dev.belfry.vmm.rule.Subject;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A device after another of its group that an accelerated SMMU has given a table of its own.
final class GroupTable implements Rule {

    @Override
    public About about() {
        return About.error(
                        "VFIO-GROUP-TABLE",
                        Phase.REALIZE,
                        "a second device of an IOMMU group that has a nested table")
                .because(
                        "all devices of a group use one table; QEMU gives the first device behind an"
                                + " accelerated SMMU a nested one at once, and binds the next to stage 2"
                                + " first, which the kernel refuses then (EINVAL)",
                        "Linux drivers/iommu/iommufd/device.c, iommufd_hw_pagetable_attach; QEMU"
                                + " hw/arm/smmuv3-accel.c");
    }

    @Override
    public void check(Subject s, Found found) {
        List<PciFunction.Vfio> firsts =
                s.accelerated().stream()
                        .map(s::served)
                        .flatMap(served -> served.stream().findFirst().stream())
                        .toList();
        Map<Integer, PciFunction.Vfio> nested = new HashMap<>();
        for (PciFunction.Vfio vfio : s.functions(PciFunction.Vfio.class).toList()) {
            Optional<DeviceDescription> device = s.hostDevice(vfio);
            if (device.isEmpty()) {
                continue;
            }
            PciFunction.Vfio first = nested.get(device.get().group());
            if (first != null && !first.host().equals(vfio.host())) {
                found.add(
                        Place.of(vfio),
                        vfio.host()
                                + " is in IOMMU group "
                                + device.get().group()
                                + ", as "
                                + first.host()
                                + " is, which has a nested table already: the kernel answers EINVAL",
                        "pass one device of the group only; the host gives the others to vfio-pci, or"
                                + " to no driver");
            } else if (firsts.contains(vfio)) {
                nested.put(device.get().group(), vfio);
            }
        }
    }
}
