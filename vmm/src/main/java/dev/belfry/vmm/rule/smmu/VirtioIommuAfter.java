package dev.belfry.vmm.rule.smmu;

import dev.belfry.vmm.cmdline.Edit;
import dev.belfry.vmm.machine.Phase;
import dev.belfry.vmm.machine.Plugged;
import dev.belfry.vmm.rule.About;
import dev.belfry.vmm.rule.Found;
import dev.belfry.vmm.rule.Place;
import dev.belfry.vmm.rule.Rule;
import dev.belfry.vmm.rule.Subject;

/// A virtio-iommu behind an SMMU device.
final class VirtioIommuAfter implements Rule {

    @Override
    public About about() {
        return About.warning(
                        "VIRTIO-IOMMU-AFTER",
                        Phase.PRE_PLUG,
                        "a virtio-iommu behind an SMMU device")
                .because(
                        "the SMMU device does not enter itself as the machine's IOMMU, so QEMU "
                                + "does not notice",
                        "QEMU hw/arm/virt.c, virt_machine_device_pre_plug_cb");
    }

    @Override
    public void check(Subject s, Found found) {
        for (Plugged virtio : OtherIommu.virtioIommus(s).toList()) {
            s.smmus().stream()
                    .filter(x -> x.order() < virtio.order())
                    .findFirst()
                    .ifPresent(x ->
                            found.add(
                                    Place.of(virtio),
                                    "the machine has two IOMMUs now, "
                                            + x.label()
                                            + " and this one; QEMU refuses them in the other"
                                            + " order",
                                    "remove -device " + virtio.driver(),
                                    new Edit.Drop(virtio.at())));
        }
    }
}
