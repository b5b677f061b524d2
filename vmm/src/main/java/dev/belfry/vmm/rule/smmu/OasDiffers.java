package dev.belfry.vmm.rule.smmu;

import dev.belfry.vmm.cmdline.Edit;
import dev.belfry.vmm.machine.Phase;
import dev.belfry.vmm.machine.SmmuInstance;
import dev.belfry.vmm.rule.About;
import dev.belfry.vmm.rule.Found;
import dev.belfry.vmm.rule.Place;
import dev.belfry.vmm.rule.Rule;
import dev.belfry.vmm.rule.Subject;

/// SMMUs with different output address sizes.
final class OasDiffers implements Rule {

    @Override
    public About about() {
        return About.warning(
                        "SMMU-OAS-DIFFERS",
                        Phase.MACHINE_DONE,
                        "SMMUs with different output address sizes")
                .because("all SMMUs reach the same memory map", "IHI 0070, 6.3.6");
    }

    @Override
    public void check(Subject s, Found found) {
        for (SmmuInstance smmu : s.accelerated()) {
            s.accelerated().stream()
                    .filter(x -> x.order() < smmu.order())
                    .filter(x -> x.oas().isPresent() && smmu.oas().isPresent())
                    .filter(x -> x.oas().getAsInt() != smmu.oas().getAsInt())
                    .findFirst()
                    .ifPresent(x ->
                            found.add(
                                    Place.of(smmu).pointing(s.at(smmu.at(), "oas")),
                                    "oas="
                                            + smmu.oas().getAsInt()
                                            + " here, oas="
                                            + x.oas().getAsInt()
                                            + " of "
                                            + x.label(),
                                    "write oas=" + x.oas().getAsInt(),
                                    new Edit.Set(
                                            smmu.at(),
                                            "oas",
                                            Integer.toString(x.oas().getAsInt()))));
        }
    }
}
