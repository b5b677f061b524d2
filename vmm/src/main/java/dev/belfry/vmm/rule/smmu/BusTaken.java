package dev.belfry.vmm.rule.smmu;

import dev.belfry.vmm.cmdline.Edit;
import dev.belfry.vmm.machine.Phase;
import dev.belfry.vmm.machine.SmmuInstance;
import dev.belfry.vmm.rule.About;
import dev.belfry.vmm.rule.Found;
import dev.belfry.vmm.rule.Place;
import dev.belfry.vmm.rule.Rule;
import dev.belfry.vmm.rule.Subject;
import dev.belfry.vmm.version.QemuVersion;

/// Two SMMUs on one bus, which QEMU refuses since 11.1.
final class BusTaken implements Rule {

    @Override
    public About about() {
        return About.error("SMMU-BUS-TAKEN", Phase.REALIZE, "two SMMUs on one bus, since QEMU 11.1")
                .because(
                        "a bus has one IOMMU; before 11.1 the later one silently took its place",
                        "a run of QEMU 11.1.3; QEMU hw/pci/pci.c, pci_setup_iommu_per_bus");
    }

    @Override
    public void check(Subject s, Found found) {
        if (!s.qemu().isAtLeast(QemuVersion.V11_1)) {
            return;
        }
        for (SmmuInstance smmu : s.smmus()) {
            s.smmus().stream()
                    .filter(x -> x.order() < smmu.order() && !smmu.primaryBus().isEmpty())
                    .filter(x -> x.primaryBus().equals(smmu.primaryBus()))
                    .findFirst()
                    .ifPresent(x ->
                            found.add(
                                    Place.of(smmu).pointing(s.at(smmu.at(), "primary-bus")),
                                    "An iommu is already attached to this bus: "
                                            + smmu.primaryBus()
                                            + " has "
                                            + x.label()
                                            + " at "
                                            + x.at(),
                                    "remove -device arm-smmuv3 here, or give it the primary-bus= of a"
                                            + " pxb-pcie of its own",
                                    new Edit.Drop(smmu.at())));
        }
    }
}
