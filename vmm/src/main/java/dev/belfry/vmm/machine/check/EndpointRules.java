package dev.belfry.vmm.machine.check;

import dev.belfry.vmm.machine.MachineDescription;
import dev.belfry.vmm.machine.PciFunction;
import dev.belfry.vmm.machine.Phase;
import dev.belfry.vmm.machine.Problem;
import dev.belfry.vmm.machine.Problems;
import dev.belfry.vmm.machine.SmmuInstance;
import java.util.Optional;

/// Which devices may sit behind which SMMU that was there before them.
final class EndpointRules {

    private static final String ACCEL_SOURCE =
            "QEMU hw/arm/smmuv3-accel.c, smmuv3_accel_supports_as";

    private EndpointRules() {}

    static void check(MachineDescription machine, Problems problems) {
        for (PciFunction function : machine.pci().inOrder()) {
            Optional<SmmuInstance> smmu =
                    machine.smmuOf(function).filter(s -> s.order() < function.plugged().order());
            if (smmu.isEmpty()) {
                continue;
            }
            switch (function) {
                case PciFunction.Vfio vfio when smmu.get().accel() -> {
                    if (vfio.iommufd().isEmpty()) {
                        needsIommufd(vfio, machine, problems);
                    }
                }
                case PciFunction.Vfio vfio -> behindEmulated(vfio, smmu.get(), problems);
                case PciFunction.Emulated emulated when smmu.get().accel() ->
                        emulated(emulated, smmu.get(), problems);
                case PciFunction.Emulated _,
                        PciFunction.Bridge _,
                        PciFunction.Pxb _,
                        PciFunction.RootComplex _ -> {}
            }
        }
    }

    private static void needsIommufd(
            PciFunction.Vfio vfio, MachineDescription machine, Problems problems) {
        String id = machine.iommufds().isEmpty() ? "" : machine.iommufds().getFirst().id();
        problems.add(
                vfio.plugged().order(),
                Problem.error(
                                "VFIO-IOMMUFD",
                                Phase.REALIZE,
                                vfio.plugged().at(),
                                "vfio-pci endpoint devices without an iommufd backend not allowed"
                                        + " when using arm-smmuv3,accel=on")
                        .because(
                                "only iommufd can nest the guest's stage 1 in the host's stage 2",
                                ACCEL_SOURCE)
                        .fix(
                                id.isEmpty()
                                        ? "add -object iommufd,id=iommufd0 and iommufd=iommufd0"
                                        : "add iommufd=" + id));
    }

    private static void emulated(
            PciFunction.Emulated function, SmmuInstance smmu, Problems problems) {
        problems.add(
                function.plugged().order(),
                Problem.error(
                                "EMULATED-BEHIND-ACCEL",
                                Phase.REALIZE,
                                function.plugged().at(),
                                "Emulated endpoint devices are not allowed when using"
                                        + " arm-smmuv3,accel=on: "
                                        + function.plugged().label()
                                        + " is behind "
                                        + smmu.label())
                        .because(
                                "invalidations without a StreamID would have to reach QEMU's own"
                                        + " translations as well as the host's",
                                ACCEL_SOURCE)
                        .fix("put it on another root bus"));
    }

    private static void behindEmulated(
            PciFunction.Vfio vfio, SmmuInstance smmu, Problems problems) {
        problems.add(
                vfio.plugged().order(),
                Problem.error(
                                "VFIO-EMULATED-SMMU",
                                Phase.REALIZE,
                                vfio.plugged().at(),
                                "device "
                                        + vfio.host()
                                        + " requires iommu MAP notifier which is not currently"
                                        + " supported: it is behind the emulated "
                                        + smmu.label())
                        .because(
                                "the emulated SMMU does not tell VFIO what the guest maps",
                                "QEMU hw/arm/smmuv3.c, smmuv3_notify_flag_changed")
                        .fix(
                                smmu.legacy()
                                        ? "replace iommu=smmuv3 by -device arm-smmuv3,accel=on"
                                        : "add accel=on to " + smmu.label()));
    }
}
