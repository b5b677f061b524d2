package dev.belfry.vmm.rule.host;

import dev.belfry.vmm.machine.PciFunction;
import dev.belfry.vmm.machine.Phase;
import dev.belfry.vmm.rule.About;
import dev.belfry.vmm.rule.Found;
import dev.belfry.vmm.rule.Place;
import dev.belfry.vmm.rule.Rule;
import dev.belfry.vmm.rule.Subject;

/// A device whose interrupts others can forge.
final class IsolatedMsi implements Rule {

    @Override
    public About about() {
        return About.error(
                        "VFIO-ISOLATED-MSI",
                        Phase.REALIZE,
                        "a device whose interrupts others can forge")
                .because(
                        "iommufd refuses a group without isolated MSIs (EPERM) unless "
                                + "iommufd.allow_unsafe_interrupts is set",
                        "Linux drivers/iommu/iommufd/device.c");
    }

    @Override
    public void check(Subject s, Found found) {
        for (PciFunction.Vfio vfio : s.functions(PciFunction.Vfio.class).toList()) {
            s.hostDevice(vfio)
                    .filter(d -> !d.isolatedMsi())
                    .filter(d -> !s.host().orElseThrow().options().allowUnsafeInterrupts())
                    .ifPresent(d ->
                            found.add(
                                    Place.of(vfio.plugged(), "host"),
                                    "binding " + vfio.host() + ": EPERM, its MSIs are not isolated",
                                    "boot the host with iommufd.allow_unsafe_interrupts=1, if"
                                            + " every guest is trusted"));
        }
    }
}
