package dev.belfry.vmm.rule.smmu;

import dev.belfry.vmm.cmdline.Edit;
import dev.belfry.vmm.cmdline.Nearest;
import dev.belfry.vmm.machine.PciBus;
import dev.belfry.vmm.machine.Phase;
import dev.belfry.vmm.machine.SmmuInstance;
import dev.belfry.vmm.rule.About;
import dev.belfry.vmm.rule.Found;
import dev.belfry.vmm.rule.Place;
import dev.belfry.vmm.rule.Rule;
import dev.belfry.vmm.rule.Subject;
import java.util.Optional;

/// A primary-bus that does not exist.
final class BusUnknown implements Rule {

    @Override
    public About about() {
        return About.error(
                        "SMMU-BUS-UNKNOWN", Phase.DEVICE_ADD, "a primary-bus that does not exist")
                .because(
                        "primary-bus names a root bus",
                        "QEMU hw/arm/smmu-common.c, smmu_base_realize");
    }

    @Override
    public void check(Subject s, Found found) {
        for (SmmuInstance smmu : s.smmus()) {
            String name = smmu.primaryBus();
            if (name.isEmpty()
                    || s.machine().pci().root(name).isPresent()
                    || s.machine().pci().find(name).filter(BusNotRoot::hasABus).isPresent()) {
                continue;
            }
            Optional<String> near =
                    Nearest.to(name, s.machine().pci().roots().stream().map(PciBus::name).toList());
            found.add(
                    Place.of(smmu).pointing(s.at(smmu.at(), "primary-bus")),
                    "Device '" + name + "' not found",
                    near.map(n -> "did you mean primary-bus=" + n + "?")
                            .orElse("write primary-bus=pcie.0 or a pxb-pcie's id"),
                    near.map(n -> new Edit[] {new Edit.Set(smmu.at(), "primary-bus", n)})
                            .orElse(new Edit[0]));
        }
    }
}
