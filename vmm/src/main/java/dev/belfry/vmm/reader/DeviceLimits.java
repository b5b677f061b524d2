package dev.belfry.vmm.reader;

import dev.belfry.vmm.catalog.Description;
import dev.belfry.vmm.catalog.ValueType;
import dev.belfry.vmm.cmdline.Param;
import dev.belfry.vmm.cmdline.Quantities;
import dev.belfry.vmm.machine.Phase;
import dev.belfry.vmm.machine.Problem;
import dev.belfry.vmm.machine.Problems;
import java.math.BigInteger;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Values of the right type that a device refuses all the same once it is made, some before it is
/// given its place on the bus, and some after (QEMU `pci_qdev_realize`, and what it calls).
final class DeviceLimits {

    private static final long ANY_SIZE = 0xffff_ffffL;
    private static final long LARGEST_ACPI_INDEX = 16_383;
    private static final List<String> ETHERNET =
            List.of(
                    "virtio-net-pci",
                    "virtio-net-pci-transitional",
                    "virtio-net-pci-non-transitional",
                    "e1000",
                    "e1000-82544gc",
                    "e1000-82545em",
                    "e1000e",
                    "igb",
                    "igbvf",
                    "rtl8139",
                    "vmxnet3",
                    "pcnet",
                    "ne2k_pci",
                    "tulip",
                    "vfio-pci",
                    "vfio-pci-nohotplug");

    private final boolean memoryMayCome;
    private final MemoryDevices memory;
    private final Problems problems;
    private final Map<Long, DeviceDraft> indexes = new HashMap<>();

    /// @param memoryMayCome whether `-m` leaves room for more (`maxmem=`)
    /// @param memory what looks at DIMMs
    DeviceLimits(boolean memoryMayCome, MemoryDevices memory, Problems problems) {
        this.memoryMayCome = memoryMayCome;
        this.memory = memory;
        this.problems = problems;
    }

    /// What it says before it has a place.
    void beforeItIsPlaced(DeviceDraft device, Description known) {
        number(device, "x-nv-gpudirect-clique")
                .filter(n -> n > 15)
                .ifPresent(n ->
                        refuse(
                                device,
                                "x-nv-gpudirect-clique",
                                "Property x-nv-gpudirect-clique: valid range 0-15",
                                "write a number from 0 to 15"));
        switch (known.name()) {
            case "pc-dimm" -> memory.check(device, false);
            case "nvdimm" -> memory.check(device, true);
            case "virtio-mem-pci", "virtio-mem-pci-non-transitional" -> {
                if (!memoryMayCome) {
                    refuse(
                            device,
                            "driver",
                            "the configuration is not prepared for memory devices (e.g., for memory"
                                    + " hotplug), consider specifying the maxmem option",
                            "write -m with maxmem=");
                }
            }
            default -> {}
        }
        if (known.bus().equals("PCI")) {
            onPci(device);
        }
    }

    private void onPci(DeviceDraft device) {
        long index = number(device, "acpi-index").orElse(0L);
        if (index > LARGEST_ACPI_INDEX) {
            refuse(
                    device,
                    "acpi-index",
                    "acpi-index should be less or equal to " + LARGEST_ACPI_INDEX,
                    "write a number from 1 to " + LARGEST_ACPI_INDEX);
        } else if (index != 0 && indexes.putIfAbsent(index, device) != null) {
            refuse(
                    device,
                    "acpi-index",
                    "a PCI device with acpi-index = " + index + " already exist",
                    "give this one another acpi-index");
        }
        long rom = number(device, "romsize").orElse(ANY_SIZE);
        if (rom != ANY_SIZE && Long.bitCount(rom) != 1) {
            refuse(
                    device,
                    "romsize",
                    "ROM size " + rom + " is not a power of two",
                    "write a power of two, such as 65536");
        }
    }

    /// What it says once it has one.
    void onceItIsPlaced(DeviceDraft device, Description known) {
        if (!known.bus().equals("PCI")) {
            return;
        }
        if (known.name().startsWith("virtio-")) {
            virtio(device, known.name());
        }
        number(device, "aer_log_max")
                .filter(n -> n > 128)
                .ifPresent(n ->
                        refuse(
                                device,
                                "aer_log_max",
                                "Invalid aer_log_max " + n + ". The max number of aer log is 128",
                                "write at most 128"));
        if (device.params().has("sriov-pf") && !known.name().startsWith("virtio-net-pci")) {
            refuse(
                    device,
                    "sriov-pf",
                    "user cannot create SR-IOV VF with this device type",
                    "remove sriov-pf=, or make it a virtio-net-pci");
        }
        if (device.params().has("failover_pair_id") && !ETHERNET.contains(known.name())) {
            refuse(
                    device,
                    "failover_pair_id",
                    "failover primary device is not an Ethernet device",
                    "remove failover_pair_id=");
        }
    }

    private void virtio(DeviceDraft device, String name) {
        String legacy = device.params().get("disable-legacy", "");
        Optional<Boolean> modern =
                device.params().get("disable-modern").flatMap(Quantities::bool).filter(b -> b);
        if (modern.isPresent() && (legacy.equals("on") || name.endsWith("-non-transitional"))) {
            refuse(
                    device,
                    "disable-modern",
                    "device cannot work as neither modern nor legacy mode is enabled",
                    "remove disable-modern=on");
        }
        if (name.startsWith("virtio-iommu")) {
            number(device, "aw-bits")
                    .filter(n -> n < 32 || n > 64)
                    .ifPresent(n ->
                            refuse(
                                    device,
                                    "aw-bits",
                                    "aw-bits must be within [32,64]",
                                    "write a number from 32 to 64"));
        }
        if (name.startsWith("virtio-net")) {
            for (String key : List.of("rx_queue_size", "tx_queue_size")) {
                number(device, key)
                        .filter(n -> n < 256 || n > 1024 || Long.bitCount(n) != 1)
                        .ifPresent(n ->
                                refuse(
                                        device,
                                        key,
                                        "Invalid "
                                                + key
                                                + " (= "
                                                + n
                                                + "), must be a power of 2 between 256 and 1024",
                                        "write 256, 512 or 1024"));
            }
        }
    }

    /// A number that its type holds; others were refused already.
    private static Optional<Long> number(DeviceDraft device, String key) {
        return device.params()
                .find(key)
                .map(Param::value)
                .flatMap(ValueType::number)
                .filter(n -> n.bitLength() < Long.SIZE)
                .map(BigInteger::longValue)
                .map(n -> n < 0 ? n & ANY_SIZE : n);
    }

    private void refuse(DeviceDraft device, String key, String words, String fix) {
        problems.add(
                device.order(),
                Problem.error("DEVICE-VALUE", Phase.REALIZE, device.at(key), words).fix(fix));
    }
}
