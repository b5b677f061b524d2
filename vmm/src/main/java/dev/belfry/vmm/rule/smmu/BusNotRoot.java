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

/// A primary-bus that is not a root bus.
final class BusNotRoot implements Rule {

    @Override
    public About about() {
        return About.error(
                        "SMMU-BUS-NOT-ROOT", Phase.REALIZE, "a primary-bus that is not a root bus")
                .because(
                        "the IORT maps whole root complexes to an SMMU, not what is below a "
                                + "bridge",
                        "QEMU hw/arm/smmu-common.c, smmu_base_realize");
    }

    /// Whether a bus has a function's id, be it a root bus of another kind.
    static boolean hasABus(PciFunction f) {
        return f instanceof PciFunction.Bridge || f.plugged().driver().equals("pxb-cxl");
    }

    @Override
    public void check(Subject s, Found found) {
        for (SmmuInstance smmu : s.smmus()) {
            Optional<PciFunction> bridge =
                    s.machine().pci().find(smmu.primaryBus()).filter(BusNotRoot::hasABus);
            if (bridge.isEmpty()
                    || s.machine().pci().root(smmu.primaryBus()).isPresent()
                    || BusLater.later(s, smmu).isPresent()) {
                continue;
            }
            String root = s.machine().pci().rootOf(bridge.get()).name();
            found.add(
                    Place.of(smmu).pointing(s.at(smmu.at(), "primary-bus")),
                    "SMMU should be attached to a default PCIe root complex(pcie.0) or a pxb-pcie"
                            + " based root complex; "
                            + smmu.primaryBus()
                            + (bridge.get() instanceof PciFunction.Bridge
                                    ? " is a bus below a bridge"
                                    : " is a pxb-cxl"),
                    "write primary-bus=" + root,
                    new Edit.Set(smmu.at(), "primary-bus", root));
        }
    }
}
