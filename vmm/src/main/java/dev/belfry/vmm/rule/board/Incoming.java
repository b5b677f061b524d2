package dev.belfry.vmm.rule.board;

import dev.belfry.vmm.cmdline.Edit;
import dev.belfry.vmm.cmdline.Position;
import dev.belfry.vmm.machine.Phase;
import dev.belfry.vmm.rule.About;
import dev.belfry.vmm.rule.Found;
import dev.belfry.vmm.rule.Place;
import dev.belfry.vmm.rule.Rule;
import dev.belfry.vmm.rule.Subject;

/// A migration into a machine that nobody can migrate from.
final class Incoming implements Rule {

    @Override
    public About about() {
        return About.warning(
                        "MIGRATION-INCOMING",
                        Phase.MACHINE,
                        "a migration into a machine that nobody can migrate from")
                .because(
                        "an accelerated SMMU blocks migration, so there is no source that could "
                                + "send it",
                        "QEMU hw/arm/smmuv3.c, smmu_realize");
    }

    @Override
    public void check(Subject s, Found found) {
        if (s.commandLine().has("incoming") && !s.accelerated().isEmpty()) {
            Position at = s.optionAt("incoming");
            found.add(
                    Place.before(at),
                    "-incoming waits for a migration, and a machine with accel=on cannot be migrated",
                    "remove -incoming",
                    new Edit.Drop(at));
        }
    }
}
