package dev.belfry.vmm.reader;

import dev.belfry.vmm.catalog.Catalog;
import dev.belfry.vmm.catalog.Description;
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

    /// PCI devices that other builds of QEMU have than those that the catalog was taken from.
    private static final Set<String> OTHER_BUILDS =
            Set.of(
                    """
                    virtio-gpu-gl-pci virtio-gpu-rutabaga-pci virtio-vga virtio-vga-gl \
                    vhost-user-vga qxl qxl-vga pci-ipmi-kcs pci-ipmi-bt sii3112 piix3-ide cmd646-ide \
                    x-pci-proxy-dev ivshmem-flat vmware-svga pvrdma lsi53c895a am53c974\
                    """
                            .split(" "));

    /// Devices of such builds on other buses, and one that is asked for in vain so often that the
    /// readers know it.
    private static final Set<String> ELSEWHERE =
            Set.of(
                    """
                    usb-host usb-redir usb-ccid usb-mtp usb-bt-dongle igvm max-arm-cpu \
                    host-arm-cpu virtio-gpu-gl-device canokey u2f-emulated \
                    smbus-ipmi ipmi-bmc-sim ipmi-bmc-extern\
                    """
                            .split(" "));

    private static final Set<String> WITH_MSI =
            Set.of(
                    "edu ich9-ahci intel-hda ich9-intel-hda mptsas1068 pvscsi pci-ipmi-kcs"
                            .split(" "));

    private static final Map<String, Endpoint> ENDPOINTS = endpoints();
    private static final Set<String> NAMES = allNames();

    private DeviceCatalog() {}

    /// The name that an alias stands for.
    static String named(String driver) {
        String ofOtherBuilds = driver + "-pci";
        return Catalog.device(driver)
                .map(Description::name)
                .orElse(OTHER_BUILDS.contains(ofOtherBuilds) ? ofOtherBuilds : driver);
    }

    static boolean onPlatformBus(String driver) {
        return isOn("System", driver);
    }

    static boolean elsewhere(String driver) {
        return ELSEWHERE.contains(driver)
                || Catalog.device(driver)
                        .map(d -> !d.bus().equals("PCI") && !d.bus().equals("System"))
                        .orElse(false);
    }

    static Optional<Endpoint> endpoint(String driver) {
        if (!isOn("PCI", driver) && !OTHER_BUILDS.contains(driver)) {
            return Optional.empty();
        }
        return Optional.of(
                ENDPOINTS.getOrDefault(
                        driver, new Endpoint(WITH_MSI.contains(driver) ? 1 : 0, false, "")));
    }

    /// Whether some build of some release has it.
    static boolean exists(String driver) {
        return Catalog.device(driver).isPresent()
                || OTHER_BUILDS.contains(driver)
                || ELSEWHERE.contains(driver);
    }

    static Set<String> names() {
        return NAMES;
    }

    private static boolean isOn(String bus, String driver) {
        return Catalog.device(driver).map(d -> d.bus().equals(bus)).orElse(false);
    }

    private static Set<String> allNames() {
        Set<String> names = new TreeSet<>(OTHER_BUILDS);
        names.addAll(ELSEWHERE);
        names.addAll(Catalog.devices());
        return Set.copyOf(names);
    }

    private static Map<String, Endpoint> endpoints() {
        Map<String, Endpoint> table = new HashMap<>();
        virtio(table, 4, "net");
        virtio(table, 2, "blk rng balloon 9p mem crypto");
        virtio(table, 2, "keyboard mouse tablet multitouch input-host snd sound rtc");
        virtio(table, 4, "scsi");
        vhost(table, 4, "vhost-scsi vhost-user-scsi");
        vhost(
                table,
                3,
                """
                vhost-vsock vhost-user-fs vhost-user-vsock vhost-vdpa-device vhost-user-i2c \
                vhost-user-gpio vhost-user-rng vhost-user-snd vhost-user-scmi vhost-user-input \
                vhost-user-gpu vhost-user-spi vhost-user-rtc\
                """);
        vhost(table, 2, "vhost-user-blk");
        virtio(table, 3, "gpu vsock");
        virtio(table, 32, "serial");
        virtio(table, 0, "iommu");
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
        for (String other : OTHER_BUILDS) {
            table.putIfAbsent(other, new Endpoint(3, true, "vectors"));
        }
        return Map.copyOf(table);
    }

    private static void virtio(Map<String, Endpoint> table, int vectors, String kinds) {
        for (String kind : kinds.split(" ")) {
            vhost(table, vectors, "virtio-" + kind);
        }
    }

    private static void vhost(Map<String, Endpoint> table, int vectors, String kinds) {
        for (String kind : kinds.split(" ")) {
            String stem = kind + "-pci";
            Endpoint endpoint = new Endpoint(vectors, true, "vectors");
            table.put(stem, endpoint);
            table.put(stem + "-transitional", endpoint);
            table.put(stem + "-non-transitional", endpoint);
        }
    }
}
