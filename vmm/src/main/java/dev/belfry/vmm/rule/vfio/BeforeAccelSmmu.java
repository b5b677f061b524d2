package dev.belfry.vmm.rule.vfio;

import dev.belfry.vmm.cmdline.Edit;
import dev.belfry.vmm.machine.PciFunction;
import dev.belfry.vmm.machine.Phase;
import dev.belfry.vmm.machine.Plugged;
import dev.belfry.vmm.machine.SmmuInstance;
import dev.belfry.vmm.rule.About;
import dev.belfry.vmm.rule.Found;
import dev.belfry.vmm.rule.Place;
import dev.belfry.vmm.rule.Rule;
import dev.belfry.vmm.rule.Subject;

/// A forbidden device that was made before its SMMU.
final class BeforeAccelSmmu implements Rule {

    private static boolean forbidden(PciFunction function) {
        return switch (function) {
            case PciFunction.Vfio vfio -> vfio.iommufd().isEmpty();
            case PciFunction.Emulated _ -> true;
            case PciFunction.Bridge _, PciFunction.Pxb _, PciFunction.RootComplex _ -> false;
        };
    }

    private static void aborts(Subject s, Found found, Plugged p, SmmuInstance smmu) {
        boolean implicit = s.option(p.at()).isEmpty() || p.at().text().startsWith("the default");
        Edit[] edits =
                implicit
                        ? new Edit[] {new Edit.Insert(s.firstDevice(), "-nic none")}
                        : EmulatedBehindAccel.move(s, p, smmu);
        found.add(
                Place.after(implicit ? smmu.at() : p.at()),
                p.label()
                        + (implicit ? " (QEMU's default network card)" : "")
                        + " is behind "
                        + smmu.label()
                        + " and was made before it: QEMU aborts when the machine is done",
                implicit ? "add -nodefaults or -nic none" : EmulatedBehindAccel.elsewhere(smmu),
                edits);
    }

    @Override
    public About about() {
        return About.error(
                        "BEFORE-ACCEL-SMMU",
                        Phase.MACHINE_DONE,
                        "a forbidden device that was made before its SMMU")
                .because(
                        "the device is refused behind accel=on when it is made, and asserted "
                                + "absent when it gets its address space",
                        "QEMU hw/arm/smmuv3-accel.c, smmuv3_accel_find_add_as");
    }

    @Override
    public void check(Subject s, Found found) {
        for (PciFunction function : s.machine().pci().inOrder()) {
            s.machine()
                    .smmuOf(function)
                    .filter(SmmuInstance::accel)
                    .filter(x -> x.order() > function.plugged().order())
                    .filter(x -> forbidden(function))
                    .ifPresent(x -> aborts(s, found, function.plugged(), x));
        }
    }
}
