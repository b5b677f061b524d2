package dev.belfry.vmm.rule.smmu;

import dev.belfry.vmm.cmdline.Edit;
import dev.belfry.vmm.machine.Phase;
import dev.belfry.vmm.machine.Severity;
import dev.belfry.vmm.machine.SmmuInstance;
import dev.belfry.vmm.rule.About;
import dev.belfry.vmm.rule.Found;
import dev.belfry.vmm.rule.Place;
import dev.belfry.vmm.rule.Rule;
import dev.belfry.vmm.rule.Subject;

/// An SMMU that a device tree does not mention.
final class DeviceTreeBus implements Rule {

    @Override
    public About about() {
        return About.warning(
                        "SMMU-DT-BUS", Phase.PLUG, "an SMMU that a device tree does not mention")
                .because(
                        "a device tree has a node for the SMMU of pcie.0 only",
                        "QEMU hw/arm/virt.c, create_smmuv3_dev_dtb");
    }

    @Override
    public void check(Subject s, Found found) {
        boolean acpi = s.machine().firmware().acpi();
        if (acpi && s.machine().firmware().named()) {
            return;
        }
        for (SmmuInstance smmu : s.smmus()) {
            if (!smmu.accel() && !smmu.primaryBus().equals("pcie.0")) {
                found.addAs(
                        acpi ? Severity.NOTE : Severity.WARNING,
                        Place.of(smmu),
                        "SMMUv3 device only supported with pcie.0 for DT",
                        "name a firmware: -bios QEMU_EFI.fd",
                        acpi
                                ? new Edit[] {new Edit.Insert(s.firstDevice(), "-bios QEMU_EFI.fd")}
                                : new Edit[0]);
            }
        }
    }
}
