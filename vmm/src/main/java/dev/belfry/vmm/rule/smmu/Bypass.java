package dev.belfry.vmm.rule.smmu;

import dev.belfry.vmm.cmdline.Edit;
import dev.belfry.vmm.machine.PciBus;
import dev.belfry.vmm.machine.Phase;
import dev.belfry.vmm.machine.SmmuInstance;
import dev.belfry.vmm.rule.About;
import dev.belfry.vmm.rule.Found;
import dev.belfry.vmm.rule.Place;
import dev.belfry.vmm.rule.Rule;
import dev.belfry.vmm.rule.Subject;

/// An SMMU for a bus that bypasses it.
final class Bypass implements Rule {

    @Override
    public About about() {
        return About.error("SMMU-BYPASS", Phase.PLUG, "an SMMU for a bus that bypasses it")
                .because(
                        "the bus would not be translated",
                        "QEMU hw/arm/virt.c, virt_machine_device_plug_cb");
    }

    @Override
    public void check(Subject s, Found found) {
        for (SmmuInstance smmu : s.smmus()) {
            if (s.machine().pci().root(smmu.primaryBus()).filter(PciBus::bypassIommu).isEmpty()) {
                continue;
            }
            boolean first = smmu.primaryBus().equals("pcie.0");
            found.add(
                    Place.of(smmu),
                    "Bypass option cannot be set for SMMUv3 associated PCIe RC",
                    first
                            ? "remove default-bus-bypass-iommu=on"
                            : "remove bypass_iommu=on of " + smmu.primaryBus(),
                    first
                            ? new Edit.Remove(s.optionAt("machine"), "default-bus-bypass-iommu")
                            : new Edit.Remove(
                                    s.machine()
                                            .pci()
                                            .find(smmu.primaryBus())
                                            .map(f -> f.plugged().at())
                                            .orElse(smmu.at()),
                                    "bypass_iommu"));
        }
    }
}
