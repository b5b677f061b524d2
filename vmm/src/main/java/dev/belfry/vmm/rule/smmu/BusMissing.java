package dev.belfry.vmm.rule.smmu;

import dev.belfry.vmm.cmdline.Edit;
import dev.belfry.vmm.machine.PciBus;
import dev.belfry.vmm.machine.PciFunction;
import dev.belfry.vmm.machine.Phase;
import dev.belfry.vmm.machine.SmmuInstance;
import dev.belfry.vmm.rule.About;
import dev.belfry.vmm.rule.Found;
import dev.belfry.vmm.rule.Place;
import dev.belfry.vmm.rule.Rule;
import dev.belfry.vmm.rule.Subject;

/// An SMMU without a bus.
final class BusMissing implements Rule {

    @Override
    public About about() {
        return About.error("SMMU-BUS-MISSING", Phase.REALIZE, "an SMMU without a bus")
                .because(
                        "an SMMU translates for one root bus",
                        "QEMU hw/arm/smmu-common.c, smmu_base_realize");
    }

    @Override
    public void check(Subject s, Found found) {
        for (SmmuInstance smmu : s.smmus()) {
            if (smmu.primaryBus().isEmpty()) {
                found.add(
                        Place.of(smmu),
                        "SMMU is not attached to any PCI bus!",
                        "add primary-bus=" + meant(s),
                        new Edit.Set(smmu.at(), "primary-bus", meant(s)));
            }
        }
    }

    /// The first root bus with passed-through devices and no SMMU.
    private static String meant(Subject s) {
        return s.functions(PciFunction.Vfio.class)
                .map(v -> s.machine().pci().rootOf(v))
                .filter(r -> s.machine().smmuOf(r).isEmpty())
                .map(PciBus::name)
                .findFirst()
                .orElse("pcie.0");
    }
}
