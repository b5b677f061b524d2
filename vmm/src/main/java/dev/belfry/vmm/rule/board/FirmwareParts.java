package dev.belfry.vmm.rule.board;

import dev.belfry.vmm.cmdline.Option;
import dev.belfry.vmm.cmdline.Param;
import dev.belfry.vmm.cmdline.Position;
import dev.belfry.vmm.cmdline.Quantities;
import dev.belfry.vmm.machine.Phase;
import dev.belfry.vmm.rule.About;
import dev.belfry.vmm.rule.Found;
import dev.belfry.vmm.rule.Place;
import dev.belfry.vmm.rule.Rule;
import dev.belfry.vmm.rule.Subject;

/// Something that QEMU tells the guest of, and Belfry does not.
public final class FirmwareParts implements Rule {

    /// Its id, for who writes the tables.
    public static final String ID = "FIRMWARE-PARTS";

    private static final String PLUGGED_BY_ACPI = "acpi-pci-hotplug-with-bridge-support";

    @Override
    public About about() {
        return About.warning(
                        ID,
                        Phase.MACHINE_DONE,
                        "a part of the guest's firmware tables that Belfry does not write")
                .because(
                        "belfry firmware and the modelled guest go without it; all else is as QEMU"
                                + " has it",
                        "QEMU hw/arm/virt-acpi-build.c, virt_acpi_build; hw/arm/virt.c,"
                                + " machvirt_init");
    }

    @Override
    public void check(Subject s, Found found) {
        s.commandLine().all("machine").forEach(o -> machine(o, found));
        s.commandLine().options().forEach(o -> other(o, found));
    }

    private static void machine(Option option, Found found) {
        boolean caches = false;
        for (Param p : option.params().all()) {
            String key = p.key().replace('_', '-');
            boolean on = Quantities.bool(p.value()).orElse(false);
            if (key.equals("nvdimm") && on) {
                tell(found, p.at(), "nvdimm=on: the NFIT and the SSDT of NVDIMMs");
            } else if (key.startsWith("smp-cache") && !caches) {
                caches = true;
                tell(found, p.at(), "smp-cache: caches in the PPTT and in the device tree");
            } else if (key.equals("dtb")) {
                tell(found, p.at(), "dtb: what that file says");
            }
        }
    }

    private static void other(Option option, Found found) {
        switch (option.name()) {
            case "dtb" -> tell(found, option.at(), "-dtb: what that file says");
            case "global" -> {
                if (option.argument().contains(PLUGGED_BY_ACPI)
                        && option.argument().endsWith("=on")) {
                    tell(found, option.at(), "PCI hot-plug by ACPI: its part of the DSDT");
                }
            }
            case "device" -> {
                String driver = option.params().get("driver", "");
                if (driver.equals("pxb-cxl")) {
                    tell(found, option.at(), "pxb-cxl: its part of CEDT and DSDT");
                } else if (driver.equals("uefi-vars-sysbus")) {
                    tell(found, option.at(), "uefi-vars-sysbus: its node of the device tree");
                }
            }
            default -> {}
        }
    }

    private static void tell(Found found, Position at, String what) {
        found.add(
                Place.after(at),
                what + ", which Belfry does not write",
                "leave it for QEMU; remove it to have belfry run and belfry firmware tell all");
    }
}
