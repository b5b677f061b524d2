package dev.belfry.vmm.machine.check;

import dev.belfry.vmm.machine.MachineDescription;
import dev.belfry.vmm.machine.PciFunction;
import dev.belfry.vmm.machine.Phase;
import dev.belfry.vmm.machine.Problem;
import dev.belfry.vmm.machine.Problems;
import dev.belfry.vmm.machine.SmmuInstance;

/// What the virt board says before it lets an arm-smmuv3 make itself.
final class SmmuPrePlug {

    private static final String SOURCE = "QEMU hw/arm/virt.c, virt_machine_device_pre_plug_cb";

    private SmmuPrePlug() {}

    static void check(MachineDescription machine, Problems problems) {
        for (SmmuInstance smmu : machine.smmus()) {
            if (!smmu.legacy()) {
                otherIommu(machine, smmu, problems);
                kernelGic(machine, smmu, problems);
            }
        }
    }

    /// The machine's own SMMU counts always, a virtio-iommu only if it came first.
    private static void otherIommu(
            MachineDescription machine, SmmuInstance smmu, Problems problems) {
        boolean legacy = machine.smmus().stream().anyMatch(SmmuInstance::legacy);
        boolean virtio =
                machine.pci().inOrder().stream()
                        .filter(PciFunction.Emulated.class::isInstance)
                        .map(PciFunction::plugged)
                        .anyMatch(p ->
                                p.driver().startsWith("virtio-iommu-pci")
                                        && p.order() < smmu.order());
        if (!legacy && !virtio) {
            return;
        }
        String other = legacy ? "iommu=smmuv3" : "virtio-iommu";
        problems.add(
                smmu.order(),
                Problem.error(
                                "SMMU-OTHER-IOMMU",
                                Phase.PRE_PLUG,
                                smmu.at(),
                                "virt machine already has "
                                        + other
                                        + " set. Doesn't support incompatible iommus")
                        .because(
                                "the machine's IOMMU serves every host bridge, the device only one",
                                SOURCE)
                        .fix("remove " + (legacy ? "iommu=smmuv3" : "-device virtio-iommu-pci")));
    }

    private static void kernelGic(
            MachineDescription machine, SmmuInstance smmu, Problems problems) {
        if (smmu.accel() && !machine.accelerator().hasKernelGic()) {
            problems.add(
                    smmu.order(),
                    Problem.error(
                                    "SMMU-ACCEL-KVM",
                                    Phase.PRE_PLUG,
                                    smmu.at(),
                                    "SMMUv3 accel=on requires KVM with kernel-irqchip=on support")
                            .because(
                                    "the doorbell that accelerated devices signal to is that of"
                                            + " KVM's interrupt controller",
                                    SOURCE)
                            .fix("write -machine virt,accel=kvm without kernel-irqchip=off"));
        }
    }
}
