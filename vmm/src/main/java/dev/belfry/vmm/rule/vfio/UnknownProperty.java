package dev.belfry.vmm.rule.vfio;

import dev.belfry.vmm.cmdline.Edit;
import dev.belfry.vmm.cmdline.Nearest;
import dev.belfry.vmm.cmdline.Param;
import dev.belfry.vmm.machine.PciFunction;
import dev.belfry.vmm.machine.Phase;
import dev.belfry.vmm.rule.About;
import dev.belfry.vmm.rule.Found;
import dev.belfry.vmm.rule.Place;
import dev.belfry.vmm.rule.Rule;
import dev.belfry.vmm.rule.Subject;
import java.util.List;
import java.util.Optional;

/// A property that vfio-pci does not have.
final class UnknownProperty implements Rule {

    private static final List<String> KNOWN =
            List.of(
                    """
                    driver id bus addr host vf-token sysfsdev fd iommufd romfile romsize rombar \
                    multifunction bootindex acpi-index failover_pair_id display xres yres ramfb \
                    enable-migration migration-events skip-vsc-check use-legacy-x86-rom \
                    x-vpasid-cap-offset x-pre-copy-dirty-page-tracking \
                    x-device-dirty-page-tracking x-intx-mmap-timeout-ms x-vga x-req \
                    x-igd-opregion x-igd-lpc x-igd-legacy-mode x-igd-gms \
                    x-migration-multifd-transfer x-migration-load-config-after-iter \
                    x-migration-max-queued-buffers-size x-no-mmap x-balloon-allowed x-no-kvm-intx \
                    x-no-kvm-msi x-no-kvm-msix x-no-geforce-quirks x-no-kvm-ioeventfd \
                    x-no-vfio-ioeventfd x-pci-vendor-id x-pci-device-id x-pci-sub-vendor-id \
                    x-pci-sub-device-id x-pci-class-code x-nv-gpudirect-clique \
                    x-msix-relocation x-ramfb-migrate x-pcie-lnksta-dllla x-pcie-extcap-init \
                    x-pcie-err-unc-mask x-pcie-ari-nextfn-1 x-max-bounce-buffer-size \
                    x-pcie-ext-tag sriov-pf busnr\
                    """
                            .split(" "));

    @Override
    public About about() {
        return About.error(
                        "VFIO-PROPERTY", Phase.DEVICE_ADD, "a property that vfio-pci does not have")
                .because("", "QEMU hw/vfio/pci.c, vfio_pci_properties");
    }

    @Override
    public void check(Subject s, Found found) {
        for (PciFunction.Vfio vfio : s.functions(PciFunction.Vfio.class).toList()) {
            for (Param p : vfio.plugged().params().all()) {
                if (!KNOWN.contains(p.key())) {
                    Optional<String> near = Nearest.to(p.key(), KNOWN);
                    found.add(
                            Place.of(vfio).pointing(p.at()),
                            "Property '" + vfio.plugged().driver() + "." + p.key() + "' not found",
                            near.map(n -> "did you mean " + n + "?").orElse("remove it"),
                            near.isEmpty()
                                    ? new Edit[] {new Edit.Remove(vfio.plugged().at(), p.key())}
                                    : new Edit[] {
                                        new Edit.Rename(
                                                vfio.plugged().at(), p.key(), near.get(), p.value())
                                    });
                }
            }
        }
    }
}
