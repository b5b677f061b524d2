package dev.belfry.vmm.rule.pci;

import dev.belfry.vmm.cmdline.Edit;
import dev.belfry.vmm.cmdline.Quantities;
import dev.belfry.vmm.machine.PciFunction;
import dev.belfry.vmm.machine.Phase;
import dev.belfry.vmm.machine.Plugged;
import dev.belfry.vmm.rule.About;
import dev.belfry.vmm.rule.Found;
import dev.belfry.vmm.rule.Place;
import dev.belfry.vmm.rule.Rule;
import dev.belfry.vmm.rule.Subject;

/// A virtio device that goes past the SMMU.
final class VirtioUntranslated implements Rule {

    @Override
    public About about() {
        return About.note(
                        "VIRTIO-UNTRANSLATED",
                        Phase.GUEST,
                        "a virtio device that goes past the SMMU")
                .because(
                        "virtio uses guest-physical addresses unless VIRTIO_F_ACCESS_PLATFORM "
                                + "is negotiated",
                        "virtio 1.2, 6; QEMU hw/virtio/virtio-bus.c");
    }

    @Override
    public void check(Subject s, Found found) {
        for (Subject.Behind<PciFunction.Emulated> b :
                s.behind(PciFunction.Emulated.class).toList()) {
            Plugged p = b.function().plugged();
            boolean onRoot = s.machine().pci().root(p.bus()).isPresent();
            boolean modern = p.driver().endsWith("-non-transitional");
            boolean virtio = p.driver().startsWith("virtio-") && !p.driver().contains("iommu");
            if (virtio
                    && !b.smmu().accel()
                    && !Quantities.bool(p.params().get("iommu_platform", "off")).orElse(true)) {
                found.add(
                        Place.of(p),
                        p.label() + " does not use " + b.smmu().label() + " for its DMA",
                        onRoot && !modern
                                ? "add iommu_platform=on,disable-legacy=on to have it translated"
                                : "add iommu_platform=on to have it translated",
                        onRoot && !modern
                                ? new Edit[] {
                                    new Edit.Set(p.at(), "iommu_platform", "on"),
                                    new Edit.Set(p.at(), "disable-legacy", "on")
                                }
                                : new Edit[] {new Edit.Set(p.at(), "iommu_platform", "on")});
            }
        }
    }
}
