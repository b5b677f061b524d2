package dev.belfry.vmm.rule.smmu;

import dev.belfry.vmm.cmdline.Edit;
import dev.belfry.vmm.machine.Phase;
import dev.belfry.vmm.machine.SmmuInstance;
import dev.belfry.vmm.rule.About;
import dev.belfry.vmm.rule.Found;
import dev.belfry.vmm.rule.Place;
import dev.belfry.vmm.rule.Rule;
import dev.belfry.vmm.rule.Subject;

/// Accel=on in a machine that must be migratable.
final class AccelMigration implements Rule {

    @Override
    public About about() {
        return About.error(
                        "SMMU-MIGRATION",
                        Phase.REALIZE,
                        "accel=on in a machine that must be migratable")
                .because(
                        "the host's state cannot be read back",
                        "QEMU hw/arm/smmuv3.c, smmu_validate_property");
    }

    @Override
    public void check(Subject s, Found found) {
        for (SmmuInstance smmu : s.accelerated()) {
            if (s.commandLine().has("only-migratable")) {
                found.add(
                        Place.of(smmu).pointing(s.at(smmu.at(), "accel")),
                        "Migration not supported with SMMUv3 accelerator mode enabled",
                        "remove -only-migratable",
                        new Edit.Drop(s.optionAt("only-migratable")));
            }
        }
    }
}
