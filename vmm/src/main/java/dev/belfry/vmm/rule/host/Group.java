package dev.belfry.vmm.rule.host;

import dev.belfry.model.pci.spec.Bdf;
import dev.belfry.vmm.machine.PciFunction;
import dev.belfry.vmm.machine.Phase;
import dev.belfry.vmm.rule.About;
import dev.belfry.vmm.rule.Found;
import dev.belfry.vmm.rule.Place;
import dev.belfry.vmm.rule.Rule;
import dev.belfry.vmm.rule.Subject;
import java.util.Set;
import java.util.stream.Collectors;

/// A device whose IOMMU group has others.
final class Group implements Rule {

    @Override
    public About about() {
        return About.warning("VFIO-GROUP", Phase.REALIZE, "a device whose IOMMU group has others")
                .because(
                        "all devices of a group must be with VFIO, and with one guest",
                        "Linux Documentation/driver-api/vfio.rst");
    }

    @Override
    public void check(Subject s, Found found) {
        for (PciFunction.Vfio vfio : s.functions(PciFunction.Vfio.class).toList()) {
            Set<Bdf> passed =
                    s.functions(PciFunction.Vfio.class)
                            .map(PciFunction.Vfio::host)
                            .collect(Collectors.toSet());
            // With a nested table for one device of the group, others are refused (GroupTable).
            boolean nested = s.accelerated().stream().anyMatch(x -> s.served(x).contains(vfio));
            s.hostDevice(vfio)
                    .ifPresent(d ->
                            s.host().orElseThrow().devices().stream()
                                    .filter(x -> x.group() == d.group())
                                    .filter(x -> !passed.contains(x.bdf()))
                                    .findFirst()
                                    .ifPresent(x ->
                                            found.add(
                                                    Place.of(vfio.plugged(), "host"),
                                                    vfio.host()
                                                            + " shares IOMMU group "
                                                            + d.group()
                                                            + " with "
                                                            + x.bdf()
                                                            + ", which is not passed through",
                                                    "on the host: echo "
                                                            + x.bdf()
                                                            + " > /sys/bus/pci/devices/"
                                                            + x.bdf()
                                                            + "/driver/unbind"
                                                            + (nested
                                                                    ? ""
                                                                    : "; or pass it through too"))));
        }
    }
}
