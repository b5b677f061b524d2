package dev.belfry.vmm.rule.smmu;

import dev.belfry.vmm.cmdline.Edit;
import dev.belfry.vmm.machine.PciFunction;
import dev.belfry.vmm.machine.Phase;
import dev.belfry.vmm.machine.SmmuInstance;
import dev.belfry.vmm.rule.About;
import dev.belfry.vmm.rule.Found;
import dev.belfry.vmm.rule.Place;
import dev.belfry.vmm.rule.Rule;
import dev.belfry.vmm.rule.Subject;
import java.util.Optional;

/// A primary-bus that is made later.
final class BusLater implements Rule {

    @Override
    public About about() {
        return About.error("SMMU-BUS-LATER", Phase.DEVICE_ADD, "a primary-bus that is made later")
                .because(
                        "QEMU makes devices in the order given",
                        "QEMU system/vl.c, qemu_create_cli_devices");
    }

    /// The bridge whose bus an SMMU names before it is there.
    static Optional<PciFunction> later(Subject s, SmmuInstance smmu) {
        return s.machine()
                .pci()
                .find(smmu.primaryBus())
                .filter(f -> f instanceof PciFunction.Pxb || BusNotRoot.hasABus(f))
                .filter(f -> f.plugged().order() > smmu.order());
    }

    @Override
    public void check(Subject s, Found found) {
        for (SmmuInstance smmu : s.smmus()) {
            later(s, smmu)
                    .ifPresent(m ->
                            found.add(
                                    Place.of(smmu).pointing(s.at(smmu.at(), "primary-bus")),
                                    "Device '"
                                            + smmu.primaryBus()
                                            + "' not found: the "
                                            + m.plugged().driver()
                                            + " is made later, at "
                                            + m.plugged().at(),
                                    "put -device "
                                            + m.plugged().driver()
                                            + ",… before -device arm-smmuv3,…",
                                    new Edit.Move(m.plugged().at(), smmu.at())));
        }
    }
}
