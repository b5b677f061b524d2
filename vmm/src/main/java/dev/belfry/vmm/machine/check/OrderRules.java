package dev.belfry.vmm.machine.check;

import dev.belfry.vmm.machine.MachineDescription;
import dev.belfry.vmm.machine.PciFunction;
import dev.belfry.vmm.machine.Phase;
import dev.belfry.vmm.machine.Plugged;
import dev.belfry.vmm.machine.Problem;
import dev.belfry.vmm.machine.Problems;
import dev.belfry.vmm.machine.Severity;
import dev.belfry.vmm.machine.SmmuInstance;

/// An SMMU that comes after the devices that it shall serve.
///
/// A device asks for its IOMMU when it is made. Nobody tells it when one appears later.
final class OrderRules {

    private OrderRules() {}

    static void check(MachineDescription machine, Problems problems) {
        for (PciFunction function : machine.pci().inOrder()) {
            machine.smmuOf(function)
                    .filter(s -> s.order() > function.plugged().order())
                    .ifPresent(s -> late(function, s, problems));
        }
    }

    private static void late(PciFunction function, SmmuInstance smmu, Problems problems) {
        switch (function) {
            case PciFunction.Vfio vfio when vfio.iommufd().isEmpty() && smmu.accel() ->
                    aborts(vfio.plugged(), smmu, problems);
            case PciFunction.Vfio vfio -> unseen(vfio, smmu, problems);
            case PciFunction.Emulated emulated when smmu.accel() ->
                    aborts(emulated.plugged(), smmu, problems);
            // Everything else asks again when the machine is done.
            case PciFunction.Emulated _,
                    PciFunction.Bridge _,
                    PciFunction.Pxb _,
                    PciFunction.RootComplex _ -> {}
        }
    }

    private static void aborts(Plugged plugged, SmmuInstance smmu, Problems problems) {
        boolean implicit = plugged.at().text().startsWith("the default");
        problems.add(
                Problems.AFTER_DEVICES,
                Problem.error(
                                "BEFORE-ACCEL-SMMU",
                                Phase.MACHINE_DONE,
                                implicit ? smmu.at() : plugged.at(),
                                plugged.label()
                                        + (implicit ? " (QEMU's default network card)" : "")
                                        + " is behind "
                                        + smmu.label()
                                        + " and was made before it: QEMU aborts when the machine is"
                                        + " done")
                        .because(
                                "the device is refused behind accel=on when it is made, and"
                                        + " asserted absent when it gets its address space",
                                "QEMU hw/arm/smmuv3-accel.c, smmuv3_accel_find_add_as")
                        .fix(
                                implicit
                                        ? "add -nodefaults or -nic none"
                                        : "put it on another root bus"));
    }

    private static void unseen(PciFunction.Vfio vfio, SmmuInstance smmu, Problems problems) {
        problems.add(
                vfio.plugged().order(),
                Problem.of(
                                Severity.LOST,
                                "VFIO-BEFORE-SMMU",
                                Phase.ATTACH,
                                vfio.plugged().at(),
                                "the device is made before "
                                        + smmu.label()
                                        + " (at "
                                        + smmu.at()
                                        + ") and is never bound to it: the guest's translations"
                                        + " do not reach the device")
                        .because(
                                "a device is bound to the IOMMU of its bus when it is made",
                                "QEMU hw/vfio/pci.c, vfio_pci_realize")
                        .fix("put -device arm-smmuv3 before the devices behind it"));
    }
}
