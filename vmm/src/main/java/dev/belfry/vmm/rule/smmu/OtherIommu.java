package dev.belfry.vmm.rule.smmu;

import dev.belfry.vmm.cmdline.Edit;
import dev.belfry.vmm.machine.PciFunction;
import dev.belfry.vmm.machine.Phase;
import dev.belfry.vmm.machine.Plugged;
import dev.belfry.vmm.machine.SmmuInstance;
import dev.belfry.vmm.rule.About;
import dev.belfry.vmm.rule.Found;
import dev.belfry.vmm.rule.Place;
import dev.belfry.vmm.rule.Rule;
import dev.belfry.vmm.rule.Subject;
import java.util.Optional;
import java.util.stream.Stream;

/// An SMMU device beside the machine's own IOMMU.
final class OtherIommu implements Rule {

    static Stream<Plugged> virtioIommus(Subject s) {
        return s.functions(PciFunction.Emulated.class)
                .map(PciFunction.Emulated::plugged)
                .filter(p -> p.driver().startsWith("virtio-iommu-pci"));
    }

    @Override
    public About about() {
        return About.error(
                        "SMMU-OTHER-IOMMU",
                        Phase.PRE_PLUG,
                        "an SMMU device beside the machine's own IOMMU")
                .because(
                        "the machine's IOMMU serves every host bridge, the device only one",
                        "QEMU hw/arm/virt.c, virt_machine_device_pre_plug_cb");
    }

    @Override
    public void check(Subject s, Found found) {
        for (SmmuInstance smmu : s.smmus()) {
            boolean legacy = s.machine().smmus().stream().anyMatch(SmmuInstance::legacy);
            Optional<Plugged> virtio =
                    virtioIommus(s).filter(p -> p.order() < smmu.order()).findFirst();
            if (!legacy && virtio.isEmpty()) {
                continue;
            }
            found.add(
                    Place.of(smmu),
                    "virt machine already has "
                            + (legacy ? "iommu=smmuv3" : "virtio-iommu")
                            + " set. Doesn't support incompatible iommus",
                    "remove " + (legacy ? "iommu=smmuv3" : "-device virtio-iommu-pci"),
                    legacy
                            ? new Edit.Remove(s.optionAt("machine"), "iommu")
                            : new Edit.Drop(virtio.get().at()));
        }
    }
}
