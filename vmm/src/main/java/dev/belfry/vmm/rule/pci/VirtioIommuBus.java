package dev.belfry.vmm.rule.pci;

import dev.belfry.vmm.cmdline.Edit;
import dev.belfry.vmm.machine.PciFunction;
import dev.belfry.vmm.machine.Phase;
import dev.belfry.vmm.machine.Plugged;
import dev.belfry.vmm.rule.About;
import dev.belfry.vmm.rule.Found;
import dev.belfry.vmm.rule.Place;
import dev.belfry.vmm.rule.Rule;
import dev.belfry.vmm.rule.Subject;

/// A virtio-iommu below a bridge.
final class VirtioIommuBus implements Rule {

    @Override
    public About about() {
        return About.error("VIRTIO-IOMMU-BUS", Phase.REALIZE, "a virtio-iommu below a bridge")
                .because(
                        "firmware tables name it by its place on the root bus",
                        "QEMU hw/virtio/virtio-iommu-pci.c, virtio_iommu_pci_realize");
    }

    @Override
    public void check(Subject s, Found found) {
        for (PciFunction.Emulated f : s.functions(PciFunction.Emulated.class).toList()) {
            Plugged p = f.plugged();
            if (p.driver().startsWith("virtio-iommu-pci")
                    && s.machine().pci().root(p.bus()).isEmpty()) {
                found.add(
                        Place.of(p, "bus"),
                        "virtio-iommu-pci must be plugged on the root bus",
                        "write bus=pcie.0",
                        new Edit.Set(p.at(), "bus", "pcie.0"));
            }
        }
    }
}
