package dev.belfry.vmm.rule.board;

import dev.belfry.vmm.cmdline.Edit;
import dev.belfry.vmm.cmdline.Position;
import dev.belfry.vmm.machine.Phase;
import dev.belfry.vmm.rule.About;
import dev.belfry.vmm.rule.Found;
import dev.belfry.vmm.rule.Place;
import dev.belfry.vmm.rule.Rule;
import dev.belfry.vmm.rule.Subject;

/// More CPUs than GICv2 has interfaces.
final class Gicv2Cpus implements Rule {

    private static final int GICV2_CPUS = 8;

    @Override
    public About about() {
        return About.error("GICV2-CPUS", Phase.BOARD, "more CPUs than GICv2 has interfaces")
                .because("GICv2 has 8 CPU interfaces", "QEMU hw/arm/virt.c");
    }

    @Override
    public void check(Subject s, Found found) {
        int max = s.machine().cpus().max();
        if (s.machine().gic().version() == 2 && max > GICV2_CPUS) {
            Position machine = s.optionAt("machine");
            found.add(
                    Place.before(s.optionAt("smp")),
                    "Number of SMP CPUs requested ("
                            + max
                            + ") exceeds max CPUs supported by machine 'mach-virt' (8)",
                    "write gic-version=3",
                    new Edit.Set(machine, "gic-version", "3"));
        }
    }
}
