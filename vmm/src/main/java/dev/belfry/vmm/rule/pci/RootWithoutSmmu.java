package dev.belfry.vmm.rule.pci;

import dev.belfry.vmm.machine.PciBus;
import dev.belfry.vmm.machine.PciFunction;
import dev.belfry.vmm.machine.Phase;
import dev.belfry.vmm.rule.About;
import dev.belfry.vmm.rule.Found;
import dev.belfry.vmm.rule.Place;
import dev.belfry.vmm.rule.Rule;
import dev.belfry.vmm.rule.Subject;

/// A passed-through device on a root bus without SMMU, beside others that have one.
final class RootWithoutSmmu implements Rule {

    @Override
    public About about() {
        return About.warning(
                        "ROOT-WITHOUT-SMMU",
                        Phase.MACHINE_DONE,
                        "a passed-through device on a root bus without SMMU, beside others that "
                                + "have one")
                .because(
                        "since arm-smmuv3 became a device, a pxb-pcie does not inherit the SMMU "
                                + "of pcie.0",
                        "QEMU hw/pci/pci.c, pci_setup_iommu_per_bus; user-creatable SMMUv3, "
                                + "cover letter");
    }

    @Override
    public void check(Subject s, Found found) {
        if (s.smmus().isEmpty()) {
            return;
        }
        for (PciFunction.Vfio vfio : s.functions(PciFunction.Vfio.class).toList()) {
            PciBus root = s.machine().pci().rootOf(vfio);
            if (s.machine().smmuOf(root).isEmpty()) {
                found.add(
                        Place.of(vfio),
                        vfio.host()
                                + " is on "
                                + root.name()
                                + ", which has no SMMU: the guest does not translate it",
                        "add -device arm-smmuv3,primary-bus=" + root.name() + ",accel=on");
            }
        }
    }
}
