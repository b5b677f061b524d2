package dev.belfry.vmm.rule.pci;

import dev.belfry.vmm.cmdline.Edit;
import dev.belfry.vmm.cmdline.Quantities;
import dev.belfry.vmm.machine.OnOffAuto;
import dev.belfry.vmm.machine.PciFunction;
import dev.belfry.vmm.machine.Phase;
import dev.belfry.vmm.machine.Plugged;
import dev.belfry.vmm.rule.About;
import dev.belfry.vmm.rule.Found;
import dev.belfry.vmm.rule.Place;
import dev.belfry.vmm.rule.Rule;
import dev.belfry.vmm.rule.Subject;
import java.util.Set;

/// A virtio device that shall use the IOMMU and still offers the legacy interface.
final class VirtioLegacy implements Rule {

    @Override
    public About about() {
        return About.error(
                        "VIRTIO-LEGACY",
                        Phase.REALIZE,
                        "a virtio device behind an IOMMU with its legacy interface")
                .because(
                        "drivers of the legacy interface know no IOMMU; it is there on a root bus "
                                + "unless disable-legacy=on",
                        "QEMU hw/virtio/virtio-pci.c, virtio_pci_realize");
    }

    @Override
    public void check(Subject s, Found found) {
        for (PciFunction.Emulated f : s.functions(PciFunction.Emulated.class).toList()) {
            Plugged p = f.plugged();
            boolean modernOnly = p.driver().endsWith("-non-transitional");
            if (!p.driver().startsWith("virtio-") || modernOnly) {
                continue;
            }
            boolean onRoot = s.machine().pci().root(p.bus()).isPresent();
            OnOffAuto disabled =
                    OnOffAuto.of(p.params().get("disable-legacy", "auto")).orElse(OnOffAuto.AUTO);
            boolean platform =
                    Quantities.bool(p.params().get("iommu_platform", "off")).orElse(false);
            if (platform && !disabled.or(!onRoot) && !ONLY_MODERN.contains(p.driver())) {
                found.add(
                        Place.of(p, "iommu_platform"),
                        "VIRTIO_F_IOMMU_PLATFORM was supported by neither legacy nor transitional"
                                + " device",
                        "add disable-legacy=on",
                        new Edit.Set(p.at(), "disable-legacy", "on"));
            }
        }
    }

    /// Devices that never had a legacy interface.
    private static final Set<String> ONLY_MODERN =
            Set.of(
                    "virtio-gpu-pci",
                    "virtio-iommu-pci",
                    "virtio-mem-pci",
                    "virtio-crypto-pci",
                    "virtio-keyboard-pci",
                    "virtio-mouse-pci",
                    "virtio-tablet-pci",
                    "virtio-multitouch-pci",
                    "virtio-input-host-pci",
                    "virtio-sound-pci",
                    "virtio-rtc-pci",
                    "virtio-vga");
}
