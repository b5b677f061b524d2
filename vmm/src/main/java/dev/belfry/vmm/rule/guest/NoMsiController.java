package dev.belfry.vmm.rule.guest;

import dev.belfry.vmm.cmdline.Edit;
import dev.belfry.vmm.machine.MsiController;
import dev.belfry.vmm.machine.PciFunction;
import dev.belfry.vmm.machine.Phase;
import dev.belfry.vmm.rule.About;
import dev.belfry.vmm.rule.Found;
import dev.belfry.vmm.rule.Place;
import dev.belfry.vmm.rule.Rule;
import dev.belfry.vmm.rule.Subject;

/// A device with MSIs in a machine without MSI controller.
final class NoMsiController implements Rule {

    @Override
    public About about() {
        return About.warning(
                        "MSI-NONE",
                        Phase.GUEST,
                        "a device with MSIs in a machine without MSI controller")
                .because(
                        "without an ITS or a GICv2m there is no doorbell to write to, and QEMU "
                                + "gives functions no MSI capabilities",
                        "QEMU hw/arm/virt.c, finalize_msi_controller");
    }

    @Override
    public void check(Subject s, Found found) {
        if (s.machine().gic().msi() != MsiController.NONE) {
            return;
        }
        for (PciFunction function : s.machine().pci().inOrder()) {
            boolean signals =
                    switch (function) {
                        case PciFunction.Vfio _ -> true;
                        case PciFunction.Emulated emulated -> emulated.vectors() > 0;
                        case PciFunction.Bridge _, PciFunction.Pxb _, PciFunction.RootComplex _ ->
                                false;
                    };
            if (signals) {
                found.add(
                        Place.of(function),
                        function.plugged().label()
                                + " has no MSI or MSI-X: the machine has no MSI controller",
                        "remove " + which(s) + "=off",
                        s.param(s.optionAt("machine"), which(s)).isPresent()
                                ? new Edit[] {new Edit.Remove(s.optionAt("machine"), which(s))}
                                : new Edit[0]);
            }
        }
    }

    private static String which(Subject s) {
        boolean its =
                s.commandLine()
                        .all("machine")
                        .anyMatch(o -> o.params().get("its", "on").equals("off"));
        return its ? "its" : "msi";
    }
}
