package dev.belfry.vmm.rule.host;

import dev.belfry.vmm.machine.PciFunction;
import dev.belfry.vmm.machine.Phase;
import dev.belfry.vmm.rule.About;
import dev.belfry.vmm.rule.Found;
import dev.belfry.vmm.rule.Place;
import dev.belfry.vmm.rule.Rule;
import dev.belfry.vmm.rule.Subject;
import java.util.List;

/// A device that the host does not have.
final class NoDevice implements Rule {

    @Override
    public About about() {
        return About.error("VFIO-NO-DEVICE", Phase.REALIZE, "a device that the host does not have")
                .because("", "Linux drivers/vfio/pci/vfio_pci.c");
    }

    @Override
    public void check(Subject s, Found found) {
        // A host without SMMU has no devices that could be named: see NoSmmu.
        if (s.host().isEmpty() || s.host().get().smmus().isEmpty()) {
            return;
        }
        List<String> there =
                s.host().get().devices().stream().map(d -> d.bdf().toString()).toList();
        for (PciFunction.Vfio vfio : s.functions(PciFunction.Vfio.class).toList()) {
            if (s.hostDevice(vfio).isEmpty()) {
                found.add(
                        Place.of(vfio.plugged(), "host"),
                        "the host has no device " + vfio.host(),
                        there.isEmpty()
                                ? "the host has no devices at all"
                                : "it has " + String.join(", ", there));
            }
        }
    }
}
