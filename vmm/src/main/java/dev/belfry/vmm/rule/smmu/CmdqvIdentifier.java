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

/// Two SMMUs with command queues and one identifier.
final class CmdqvIdentifier implements Rule {

    private static boolean uses(Subject s, int identifier) {
        return s.accelerated().stream().anyMatch(x -> x.identifier() == identifier);
    }

    @Override
    public About about() {
        return About.warning(
                        "CMDQV-IDENTIFIER",
                        Phase.MACHINE_DONE,
                        "two SMMUs with command queues and one identifier")
                .because(
                        "the guest tells their command queues apart by it",
                        "QEMU hw/arm/tegra241-cmdqv.c");
    }

    @Override
    public void check(Subject s, Found found) {
        for (SmmuInstance smmu : s.accelerated()) {
            boolean taken =
                    s.accelerated().stream()
                            .anyMatch(x ->
                                    x.order() < smmu.order()
                                            && x.cmdqv() == OnOffAuto.ON
                                            && x.identifier() == smmu.identifier());
            if (taken && smmu.cmdqv() == OnOffAuto.ON) {
                int free = 0;
                while (uses(s, free)) {
                    free++;
                }
                found.add(
                        Place.of(smmu).pointing(s.at(smmu.at(), "identifier")),
                        "another SMMU with cmdqv=on has identifier=" + smmu.identifier(),
                        "give each its own identifier=",
                        new Edit.Set(smmu.at(), "identifier", Integer.toString(free)));
            }
        }
    }
}
