package dev.belfry.vmm.rule.smmu;

import dev.belfry.vmm.cmdline.Edit;
import dev.belfry.vmm.machine.SmmuInstance;
import dev.belfry.vmm.rule.About;
import dev.belfry.vmm.rule.Found;
import dev.belfry.vmm.rule.Place;
import dev.belfry.vmm.rule.Rule;
import dev.belfry.vmm.rule.Subject;
import dev.belfry.vmm.version.QemuVersion;

/// Two SMMUs on one bus, of which a QEMU before 11.1 takes the later one.
final class BusTwice implements Rule {

    @Override
    public About about() {
        return About.lost("SMMU-BUS-TWICE", "two SMMUs on one bus")
                .because(
                        "setting a bus's IOMMU replaces the earlier one",
                        "QEMU hw/pci/pci.c, pci_setup_iommu_per_bus");
    }

    @Override
    public void check(Subject s, Found found) {
        if (s.qemu().isAtLeast(QemuVersion.V11_1)) {
            return; // see BusTaken
        }
        for (SmmuInstance smmu : s.smmus()) {
            s.smmus().stream()
                    .filter(x -> x.order() < smmu.order())
                    .filter(x -> x.primaryBus().equals(smmu.primaryBus()))
                    .findFirst()
                    .ifPresent(x ->
                            found.add(
                                    Place.of(smmu),
                                    smmu.primaryBus()
                                            + " already has an SMMU, "
                                            + x.label()
                                            + " at "
                                            + x.at()
                                            + "; the later one counts",
                                    "remove -device arm-smmuv3 at " + x.at() + ", or this one",
                                    new Edit.Drop(x.at())));
        }
    }
}
