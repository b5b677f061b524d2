package dev.belfry.vmm.rule.board;

import dev.belfry.vmm.catalog.Catalog;
import dev.belfry.vmm.cmdline.Edit;
import dev.belfry.vmm.cmdline.Quantities;
import dev.belfry.vmm.machine.Accelerator;
import dev.belfry.vmm.machine.Phase;
import dev.belfry.vmm.rule.About;
import dev.belfry.vmm.rule.Found;
import dev.belfry.vmm.rule.Place;
import dev.belfry.vmm.rule.Rule;
import dev.belfry.vmm.rule.Subject;
import java.util.Set;

/// Memory tagging for a CPU without it.
final class MteCpu implements Rule {

    /// What TCG emulates with FEAT_MTE.
    private static final Set<String> WITH_MTE = Set.of("max", "cortex-a710", "neoverse-n2");

    @Override
    public About about() {
        return About.error("MTE-CPU", Phase.BOARD, "memory tagging for a CPU without it")
                .because("tags are kept by CPUs with FEAT_MTE2", "QEMU hw/arm/virt.c");
    }

    @Override
    public void check(Subject s, Found found) {
        boolean asked =
                s.commandLine()
                        .all("machine")
                        .flatMap(o -> o.params().each("mte").stream())
                        .reduce((first, second) -> second)
                        .flatMap(p -> Quantities.bool(p.value()))
                        .orElse(false);
        String model = s.machine().cpus().model();
        if (asked
                && s.machine().accelerator().kind() == Accelerator.Kind.TCG
                && Catalog.cpu(model).isPresent()
                && !WITH_MTE.contains(model)) {
            found.add(
                    Place.before(s.machineAt("mte")),
                    "MTE requested, but not supported by the guest CPU",
                    "write -cpu max, or remove mte=on",
                    new Edit.Remove(s.optionAt("machine"), "mte"));
        }
    }
}
