package dev.belfry.vmm.machine;

import dev.belfry.vmm.cmdline.Params;
import dev.belfry.vmm.cmdline.Quantities;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/// The device names that QEMU has for Arm, as far as Belfry tells them apart.
///
/// The number of interrupt vectors of an emulated device is QEMU's default for one queue (a pair
/// for network cards), and what `vectors=` and its like ask for otherwise.
final class DeviceCatalog {

    /// How a device signals.
    ///
    /// @param vectors how many
    /// @param msix MSI-X, else MSI
    /// @param property what changes the number, or empty
    record Endpoint(int vectors, boolean msix, String property) {

        int vectors(Params params) {
            return (int)
                    params.get(property)
                            .map(v -> Quantities.number(v).orElse(vectors))
                            .filter(v -> v >= 0 && v <= MAX_VECTORS)
                            .orElse((long) vectors)
                            .longValue();
        }
    }

    private static final int MAX_VECTORS = 2048;

    private static final Set<String> PLATFORM =
            Set.of(
                    "arm-smmuv3",
                    "ramfb",
                    "tpm-tis-device",
                    "uefi-vars-sysbus",
                    "vfio-platform",
                    "vfio-amd-xgbe",
                    "vfio-calxeda-xgmac");

    /// Other names that QEMU takes (`-device help` lists them as aliases).
    private static final Map<String, String> ALIASES = aliases();

    private static final String BRIDGES =
            """
            pcie-root-port ioh3420 x3130-upstream xio3130-downstream pcie-pci-bridge pci-bridge \
            pci-bridge-seat i82801b11-bridge pxb-pcie vfio-pci vfio-pci-nohotplug\
            """;

    /// Devices that sit on other buses than PCI's; they have no DMA or interrupts of their own.
    private static final String ELSEWHERE =
            """
            usb-kbd usb-mouse usb-tablet usb-storage usb-hub usb-net usb-audio usb-host usb-serial \
            usb-uas usb-bot usb-redir usb-mtp usb-ccid usb-braille usb-wacom-tablet usb-bt-dongle \
            scsi-hd scsi-cd scsi-disk scsi-block scsi-generic ide-hd ide-cd ide-drive virtconsole \
            virtserialport nvme-ns nvme-subsys pc-dimm nvdimm virtio-net-device virtio-blk-device \
            virtio-scsi-device virtio-rng-device virtio-serial-device virtio-balloon-device \
            virtio-gpu-device virtio-gpu-gl-device virtio-9p-device virtio-keyboard-device virtio-mouse-device \
            virtio-tablet-device virtio-crypto-device virtio-sound-device virtio-iommu-device \
            virtio-multitouch-device virtio-input-host-device virtio-pmem virtio-mem \
            vhost-scsi vhost-user-scsi vhost-user-blk vhost-user-input vhost-user-rng \
            vhost-user-gpu vhost-user-gpio-device vhost-user-i2c-device \
            vhost-user-vsock-device vhost-user-snd-device vhost-user-scmi-device \
            vhost-vdpa-device ccid-card-emulated ccid-card-passthru u2f-passthru u2f-emulated \
            canokey tmp105 m25p80 ipoctal232 \
            vhost-vsock-device vhost-user-fs-device vmcoreinfo pvpanic hda-duplex hda-micro \
            hda-output loader guest-loader igvm sd-card emmc smbus-ipmi ipmi-bmc-sim \
            ipmi-bmc-extern isa-ipmi-kcs tpm-tis-i2c ds1338 at24c-eeprom max-arm-cpu host-arm-cpu\
            """;

    private static final String VHOST =
            """
            vhost-vsock-pci vhost-vsock-pci-non-transitional vhost-user-fs-pci \
            vhost-user-blk-pci vhost-user-blk-pci-transitional \
            vhost-user-blk-pci-non-transitional vhost-user-vsock-pci \
            vhost-user-vsock-pci-non-transitional vhost-vdpa-device-pci vhost-scsi-pci \
            vhost-scsi-pci-transitional vhost-scsi-pci-non-transitional vhost-user-scsi-pci \
            vhost-user-scsi-pci-transitional vhost-user-scsi-pci-non-transitional \
            vhost-user-i2c-pci \
            vhost-user-gpio-pci vhost-user-rng-pci vhost-user-snd-pci vhost-user-scmi-pci \
            vhost-user-input-pci vhost-user-gpu-pci virtio-vga virtio-vga-gl vhost-user-vga\
            """;

    private static final String WITH_MSI =
            "edu ich9-ahci intel-hda ich9-intel-hda mptsas1068 pvscsi pci-ipmi-kcs";

    private static final String WITHOUT_MSI =
            """
            iommu-testdev e1000 e1000-82544gc e1000-82545em rtl8139 ne2k_pci pcnet i82550 i82551 \
            i82557b i82559er tulip \
            i82557a i82557c i82558a i82558b i82559a i82559b i82559c i82562 i82801 dc390 \
            ich9-usb-ehci2 ich9-usb-uhci2 ich9-usb-uhci3 ich9-usb-uhci4 ich9-usb-uhci5 \
            ich9-usb-uhci6 piix4-usb-uhci vmware-svga acpi-erst i6300esb tpci200 ctucan_pci \
            kvaser_pci pvrdma mioe3680_pci pcm3680_pci lsi53c895a lsi53c810 am53c974 ivshmem-plain pci-testdev \
            pci-serial pci-serial-2x pci-serial-4x bochs-display secondary-vga VGA cirrus-vga qxl \
            ati-vga ES1370 AC97 usb-ehci ich9-usb-ehci1 ich9-usb-uhci1 piix3-usb-uhci pci-ohci \
            sdhci-pci pvpanic-pci piix3-ide cmd646-ide sii3112 x-pci-proxy-dev\
            """;

    private static final Map<String, Endpoint> ENDPOINTS = endpoints();
    private static final Set<String> ELSEWHERE_NAMES = Set.of(ELSEWHERE.split(" "));

    private static final Set<String> NAMES = allNames();

    private DeviceCatalog() {}

    /// A device's own name, where it is called by another.
    static String named(String driver) {
        return ALIASES.getOrDefault(driver, driver);
    }

    static boolean onPlatformBus(String driver) {
        return PLATFORM.contains(driver);
    }

    static boolean elsewhere(String driver) {
        return ELSEWHERE_NAMES.contains(driver);
    }

    static Optional<Endpoint> endpoint(String driver) {
        return Optional.ofNullable(ENDPOINTS.get(driver));
    }

    static Set<String> names() {
        return NAMES;
    }

    private static Map<String, String> aliases() {
        Map<String, String> table = new HashMap<>();
        String virtio =
                """
                9p balloon blk gpu gpu-gl input-host iommu keyboard mouse net rng scsi serial \
                sound tablet\
                """;
        for (String kind : virtio.split(" ")) {
            table.put("virtio-" + kind, "virtio-" + kind + "-pci");
        }
        table.put("ahci", "ich9-ahci");
        table.put("lsi", "lsi53c895a");
        table.put("e1000-82540em", "e1000");
        table.put("ac97", "AC97");
        table.put("es1370", "ES1370");
        return Map.copyOf(table);
    }

    private static Set<String> allNames() {
        Set<String> names = new TreeSet<>(ENDPOINTS.keySet());
        names.addAll(ELSEWHERE_NAMES);
        names.addAll(PLATFORM);
        names.addAll(Set.of(BRIDGES.split(" ")));
        return Set.copyOf(names);
    }

    private static Map<String, Endpoint> endpoints() {
        Map<String, Endpoint> table = new HashMap<>();
        virtio(table, 4, "net");
        virtio(table, 2, "blk vhost-user-blk rng balloon 9p pmem mem crypto");
        virtio(table, 2, "keyboard mouse tablet multitouch input-host snd sound rtc");
        virtio(table, 4, "scsi vhost-scsi vhost-user-scsi");
        virtio(table, 3, "gpu gpu-gl gpu-rutabaga vsock vhost-vsock vhost-user-gpu");
        virtio(table, 32, "serial");
        virtio(table, 0, "iommu");
        for (String name : VHOST.split(" ")) {
            table.putIfAbsent(name, new Endpoint(3, true, "vectors"));
        }
        table.put("nvme", new Endpoint(65, true, "msix_qsize"));
        table.put("e1000e", new Endpoint(5, true, ""));
        table.put("igb", new Endpoint(10, true, ""));
        table.put("vmxnet3", new Endpoint(25, true, ""));
        table.put("qemu-xhci", new Endpoint(16, true, ""));
        table.put("nec-usb-xhci", new Endpoint(16, true, ""));
        table.put("ivshmem-doorbell", new Endpoint(1, true, "vectors"));
        table.put("megasas", new Endpoint(1, true, ""));
        table.put("megasas-gen2", new Endpoint(15, true, ""));
        table.put("rocker", new Endpoint(256, true, ""));
        table.put("cxl-type3", new Endpoint(6, true, ""));
        for (String msi : WITH_MSI.split(" ")) {
            table.put(msi, new Endpoint(1, false, ""));
        }
        for (String plain : WITHOUT_MSI.split(" ")) {
            table.put(plain, new Endpoint(0, false, ""));
        }
        return Map.copyOf(table);
    }

    private static void virtio(Map<String, Endpoint> table, int vectors, String kinds) {
        for (String kind : kinds.split(" ")) {
            String stem = "virtio-" + kind + "-pci";
            Endpoint endpoint = new Endpoint(vectors, true, "vectors");
            table.put(stem, endpoint);
            table.put(stem + "-transitional", endpoint);
            table.put(stem + "-non-transitional", endpoint);
        }
    }
}
