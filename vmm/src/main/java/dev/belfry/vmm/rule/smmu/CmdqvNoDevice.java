package dev.belfry.vmm.rule.smmu;

import dev.belfry.vmm.cmdline.Edit;
import dev.belfry.vmm.machine.OnOffAuto;
import dev.belfry.vmm.machine.Phase;
import dev.belfry.vmm.machine.SmmuInstance;
import dev.belfry.vmm.rule.About;
import dev.belfry.vmm.rule.Found;
import dev.belfry.vmm.rule.Place;
import dev.belfry.vmm.rule.Rule;
import dev.belfry.vmm.rule.Subject;

/// Command queues of hardware without hardware.
final class CmdqvNoDevice implements Rule {

    @Override
    public About about() {
        return About.warning(
                        "CMDQV-NO-DEVICE",
                        Phase.MACHINE_DONE,
                        "hardware command queues without a passed-through device")
                .because(
                        "the queues are those of the first device's host SMMU",
                        "QEMU hw/arm/smmuv3-accel.c, smmuv3_accel_select_cmdqv");
    }

    @Override
    public void check(Subject s, Found found) {
        for (SmmuInstance smmu : s.accelerated()) {
            if (smmu.cmdqv() == OnOffAuto.ON && s.served(smmu).isEmpty()) {
                found.add(
                        Place.of(smmu).pointing(s.at(smmu.at(), "cmdqv")),
                        smmu.label()
                                + ": cmdqv=on does nothing, as no vfio-pci device is behind it",
                        "put a vfio-pci device behind it, or remove cmdqv=on",
                        new Edit.Remove(smmu.at(), "cmdqv"));
            }
        }
    }
}
