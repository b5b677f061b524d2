package dev.belfry.vmm.rule.smmu;

import dev.belfry.vmm.cmdline.Edit;
import dev.belfry.vmm.machine.Phase;
import dev.belfry.vmm.machine.SmmuInstance;
import dev.belfry.vmm.rule.About;
import dev.belfry.vmm.rule.Found;
import dev.belfry.vmm.rule.Place;
import dev.belfry.vmm.rule.Rule;
import dev.belfry.vmm.rule.Subject;

/// Accel=on without firmware.
final class FirmwareMissing implements Rule {

    @Override
    public About about() {
        return About.error("SMMU-ACCEL-FIRMWARE", Phase.PLUG, "accel=on without firmware")
                .because(
                        "without firmware QEMU hands out a device tree, which cannot describe "
                                + "an accelerated SMMU; belfry run assumes UEFI instead",
                        "QEMU hw/arm/virt.c, create_smmuv3_dev_dtb");
    }

    @Override
    public void check(Subject s, Found found) {
        if (s.accelerated().isEmpty()
                || !s.machine().firmware().acpi()
                || s.machine().firmware().named()) {
            return;
        }
        SmmuInstance first = s.accelerated().getFirst();
        found.add(
                Place.of(first),
                "SMMUv3 with accel=on not supported for DT: no firmware is named",
                "add -bios QEMU_EFI.fd",
                new Edit.Insert(s.firstDevice(), "-bios QEMU_EFI.fd"));
    }
}
