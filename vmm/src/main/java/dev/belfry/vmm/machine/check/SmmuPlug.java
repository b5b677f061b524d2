package dev.belfry.vmm.machine.check;

import dev.belfry.vmm.machine.MachineDescription;
import dev.belfry.vmm.machine.PciBus;
import dev.belfry.vmm.machine.Phase;
import dev.belfry.vmm.machine.Problem;
import dev.belfry.vmm.machine.Problems;
import dev.belfry.vmm.machine.Severity;
import dev.belfry.vmm.machine.SmmuInstance;

/// What the virt board says once an arm-smmuv3 has made itself.
final class SmmuPlug {

    private static final String SOURCE = "QEMU hw/arm/virt.c, virt_machine_device_plug_cb";
    private static final String DT_SOURCE = "QEMU hw/arm/virt.c, create_smmuv3_dev_dtb";

    private SmmuPlug() {}

    static void check(MachineDescription machine, Problems problems) {
        for (SmmuInstance smmu : machine.smmus()) {
            if (!smmu.legacy()) {
                bypass(machine, smmu, problems);
                deviceTree(machine, smmu, problems);
            }
        }
    }

    private static void bypass(MachineDescription machine, SmmuInstance smmu, Problems problems) {
        if (machine.pci().root(smmu.primaryBus()).filter(PciBus::bypassIommu).isPresent()) {
            boolean first = smmu.primaryBus().equals("pcie.0");
            add(
                    smmu,
                    Problem.error(
                                    "SMMU-BYPASS",
                                    Phase.PLUG,
                                    smmu.at(),
                                    "Bypass option cannot be set for SMMUv3 associated PCIe RC")
                            .because("the bus would not be translated", SOURCE)
                            .fix(
                                    first
                                            ? "remove default-bus-bypass-iommu=on"
                                            : "remove bypass_iommu=on of " + smmu.primaryBus()),
                    problems);
        }
    }

    /// Without firmware or without ACPI, QEMU hands out a device tree, which cannot describe an
    /// accelerated SMMU. Where only the firmware is not named, Belfry goes on.
    private static void deviceTree(
            MachineDescription machine, SmmuInstance smmu, Problems problems) {
        boolean acpi = machine.firmware().acpi();
        if (acpi && machine.firmware().named()) {
            return;
        }
        if (smmu.accel() && !acpi) {
            add(
                    smmu,
                    Problem.error(
                                    "SMMU-ACCEL-DT",
                                    Phase.PLUG,
                                    smmu.at(),
                                    "SMMUv3 with accel=on not supported for DT")
                            .because(
                                    "the guest learns of the reserved doorbell window from ACPI"
                                            + " only",
                                    DT_SOURCE)
                            .fix("remove acpi=off and name a firmware: -bios QEMU_EFI.fd"),
                    problems);
        } else if (smmu.accel()) {
            add(
                    smmu,
                    Problem.of(
                                    Severity.NOTE,
                                    "FIRMWARE-ASSUMED",
                                    Phase.PLUG,
                                    smmu.at(),
                                    "no firmware given: QEMU itself would boot with a device tree"
                                            + " and refuse accel=on; Belfry assumes UEFI (-bios"
                                            + " QEMU_EFI.fd)")
                            .because("", DT_SOURCE)
                            .fix("add -bios QEMU_EFI.fd"),
                    problems);
        } else if (!smmu.primaryBus().equals("pcie.0")) {
            add(
                    smmu,
                    Problem.of(
                                    acpi ? Severity.NOTE : Severity.WARNING,
                                    "SMMU-DT-BUS",
                                    Phase.PLUG,
                                    smmu.at(),
                                    "SMMUv3 device only supported with pcie.0 for DT")
                            .because("a device tree would not mention this SMMU", DT_SOURCE)
                            .fix("name a firmware: -bios QEMU_EFI.fd"),
                    problems);
        }
    }

    private static void add(SmmuInstance smmu, Problem problem, Problems problems) {
        problems.add(smmu.order(), problem);
    }
}
