package dev.belfry.vmm.rule.smmu;

import dev.belfry.vmm.cmdline.Edit;
import dev.belfry.vmm.cmdline.Position;
import dev.belfry.vmm.machine.Phase;
import dev.belfry.vmm.machine.SmmuInstance;
import dev.belfry.vmm.rule.About;
import dev.belfry.vmm.rule.Found;
import dev.belfry.vmm.rule.Place;
import dev.belfry.vmm.rule.Rule;
import dev.belfry.vmm.rule.Subject;

/// Accel=on without firmware and ACPI.
final class AccelDeviceTree implements Rule {

    @Override
    public About about() {
        return About.error("SMMU-ACCEL-DT", Phase.PLUG, "accel=on without firmware and ACPI")
                .because(
                        "the guest learns of the reserved doorbell window from ACPI only",
                        "QEMU hw/arm/virt.c, create_smmuv3_dev_dtb");
    }

    @Override
    public void check(Subject s, Found found) {
        for (SmmuInstance smmu : s.accelerated()) {
            if (!s.machine().firmware().acpi()) {
                Position machine = s.optionAt("machine");
                found.add(
                        Place.of(smmu),
                        "SMMUv3 with accel=on not supported for DT",
                        (s.commandLine().has("no-acpi") ? "remove -no-acpi" : "remove acpi=off")
                                + (s.machine().firmware().named()
                                        ? ""
                                        : " and name a firmware: -bios QEMU_EFI.fd"),
                        s.commandLine().has("no-acpi")
                                ? new Edit.Drop(s.optionAt("no-acpi"))
                                : new Edit.Remove(machine, "acpi"));
            }
        }
    }
}
