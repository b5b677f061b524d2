package dev.belfry.vmm.rule.board;

import dev.belfry.vmm.cmdline.Edit;
import dev.belfry.vmm.machine.CpuModel;
import dev.belfry.vmm.machine.MachineDescription;
import dev.belfry.vmm.machine.Phase;
import dev.belfry.vmm.rule.About;
import dev.belfry.vmm.rule.Found;
import dev.belfry.vmm.rule.Place;
import dev.belfry.vmm.rule.Rule;
import dev.belfry.vmm.rule.Subject;

/// Errors that are told by ACPI, on a machine without the device that tells them.
final class RasFirmware implements Rule {

    @Override
    public About about() {
        return About.error(
                        "RAS-FIRMWARE",
                        Phase.MACHINE_DONE,
                        "ras=on on a machine that has no device for ACPI's events")
                .because(
                        "the device is made for 64-bit UEFI firmware only, and QEMU 7.2 to 11.1"
                                + " do not look whether it is there: they end with an assertion or"
                                + " a segmentation fault",
                        "QEMU hw/arm/virt-acpi-build.c, virt_acpi_setup; hw/arm/virt.c, has_ged");
    }

    @Override
    public void check(Subject s, Found found) {
        MachineDescription m = s.machine();
        boolean there =
                m.firmware().named()
                        && CpuModel.is64Bit(m.cpus().model())
                        && m.type().isAtLeast(4, 2);
        if (m.onBoard().errors() && m.firmware().acpi() && !there) {
            boolean onlyFirmware = CpuModel.is64Bit(m.cpus().model()) && m.type().isAtLeast(4, 2);
            found.add(
                    Place.after(s.machineAt("ras")),
                    "ras=on crashes QEMU here: "
                            + (onlyFirmware
                                    ? "there is no firmware"
                                    : "the machine has no ACPI events"),
                    onlyFirmware ? "add -bios QEMU_EFI.fd, or remove ras=on" : "remove ras=on",
                    new Edit.Remove(s.optionAt("machine"), "ras"));
        }
    }
}
