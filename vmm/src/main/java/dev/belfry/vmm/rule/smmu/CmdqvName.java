package dev.belfry.vmm.rule.smmu;

import dev.belfry.vmm.machine.OnOffAuto;
import dev.belfry.vmm.machine.Phase;
import dev.belfry.vmm.machine.SmmuInstance;
import dev.belfry.vmm.rule.About;
import dev.belfry.vmm.rule.Found;
import dev.belfry.vmm.rule.Place;
import dev.belfry.vmm.rule.Rule;
import dev.belfry.vmm.rule.Subject;

/// An identifier that makes the name of the queues' ACPI device too long.
final class CmdqvName implements Rule {

    /// The device is `CV` and the identifier; a name has four characters.
    private static final int LAST = 99;

    @Override
    public About about() {
        return About.error(
                        "CMDQV-NAME",
                        Phase.MACHINE_DONE,
                        "an identifier that is too long for an ACPI name")
                .because(
                        "the device of the command queues is named CV and the identifier of its"
                                + " SMMU, and ACPI names have four characters",
                        "QEMU hw/arm/virt-acpi-build.c, acpi_dsdt_add_tegra241_cmdqv");
    }

    @Override
    public void check(Subject s, Found found) {
        for (SmmuInstance smmu : s.accelerated()) {
            if (smmu.cmdqv() == OnOffAuto.ON && smmu.identifier() > LAST) {
                found.add(
                        Place.after(s.at(smmu.at(), "identifier")),
                        "QEMU aborts: no ACPI device can be named CV" + smmu.identifier(),
                        "give it an identifier= of " + LAST + " or less");
            }
        }
    }
}
