package dev.belfry.vmm.rule.smmu;

import dev.belfry.vmm.cmdline.Edit;
import dev.belfry.vmm.machine.Phase;
import dev.belfry.vmm.machine.Plugged;
import dev.belfry.vmm.machine.SmmuInstance;
import dev.belfry.vmm.rule.About;
import dev.belfry.vmm.rule.Found;
import dev.belfry.vmm.rule.Place;
import dev.belfry.vmm.rule.Rule;
import dev.belfry.vmm.rule.Subject;

/// A virtio-iommu beside another IOMMU of the machine.
final class MultipleIommus implements Rule {

    @Override
    public About about() {
        return About.error(
                        "IOMMU-MULTIPLE",
                        Phase.PRE_PLUG,
                        "a virtio-iommu beside another IOMMU of the machine")
                .because(
                        "the machine has one IOMMU of its own",
                        "QEMU hw/arm/virt.c, virt_machine_device_pre_plug_cb");
    }

    @Override
    public void check(Subject s, Found found) {
        boolean taken = s.machine().smmus().stream().anyMatch(SmmuInstance::legacy);
        for (Plugged virtio : OtherIommu.virtioIommus(s).toList()) {
            if (taken) {
                found.add(
                        Place.of(virtio),
                        "virt machine does not support multiple IOMMUs",
                        "remove -device " + virtio.driver(),
                        new Edit.Drop(virtio.at()));
            }
            taken = true;
        }
    }
}
