package dev.belfry.vmm.rule.smmu;

import dev.belfry.vmm.machine.Phase;
import dev.belfry.vmm.machine.SmmuInstance;
import dev.belfry.vmm.rule.About;
import dev.belfry.vmm.rule.Found;
import dev.belfry.vmm.rule.Place;
import dev.belfry.vmm.rule.Rule;
import dev.belfry.vmm.rule.Subject;

/// Auto properties and no device to take them from.
final class AutoUnresolved implements Rule {

    @Override
    public About about() {
        return About.error(
                        "SMMU-AUTO-UNRESOLVED",
                        Phase.MACHINE_DONE,
                        "auto properties and no device to take them from")
                .because(
                        "ril, ats, oas and ssidsize are auto unless given, and the first "
                                + "cold-plugged device's host SMMU decides them",
                        "QEMU hw/arm/smmuv3-accel.c since 11.1");
    }

    @Override
    public void check(Subject s, Found found) {
        for (SmmuInstance smmu : s.accelerated()) {
            if (smmu.hasAuto() && s.served(smmu).isEmpty()) {
                found.add(
                        Place.after(smmu.at()),
                        "arm-smmuv3 accel=on with 'auto' properties requires at least one"
                                + " cold-plugged VFIO device: there is no vfio-pci behind "
                                + smmu.label()
                                + " to take their values from",
                        "put a vfio-pci device behind it, or give all of ril=, ats=, oas= and"
                                + " ssidsize=");
            }
        }
    }
}
