package dev.belfry.vmm.recorded;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import java.util.stream.Collectors;

/// Command lines of `virt` machines with SMMUs, PCI trees, memory and NUMA nodes, of which about
/// half are wrong somewhere. The same seed makes the same line.
final class LineGenerator {

    private static final List<String> ENDPOINTS =
            List.of(
                    "virtio-net-pci",
                    "virtio-rng-pci",
                    "virtio-scsi-pci",
                    "virtio-serial-pci",
                    "virtio-balloon-pci",
                    "virtio-gpu-pci",
                    "virtio-keyboard-pci",
                    "virtio-rng-pci-non-transitional",
                    "virtio-net-pci-transitional",
                    "e1000",
                    "e1000e",
                    "igb",
                    "edu",
                    "qemu-xhci",
                    "ahci",
                    "megasas",
                    "pvpanic-pci",
                    "virtio-rng-pci-transitional",
                    "rtl8139",
                    "lsi53c895a",
                    "i6300esb",
                    "intel-hda",
                    "usb-ehci",
                    "bochs-display",
                    "vmxnet3",
                    "pci-testdev",
                    "am53c974");
    private static final List<String> BRIDGES =
            List.of(
                    "pcie-root-port",
                    "pcie-root-port",
                    "pcie-root-port",
                    "pcie-root-port",
                    "ioh3420",
                    "x3130-upstream",
                    "xio3130-downstream",
                    "pcie-pci-bridge",
                    "pci-bridge",
                    "i82801b11-bridge");

    private final RandomGenerator random;
    private final Values values;
    private final List<String> words = new ArrayList<>();
    private final List<String> buses = new ArrayList<>(List.of("pcie.0"));
    private final List<String> devices = new ArrayList<>();
    private final List<String> backends = new ArrayList<>();
    private int made;

    private LineGenerator(long seed) {
        random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
        values = new Values(random);
    }

    /// A command line, without the program.
    static String line(long seed) {
        LineGenerator generator = new LineGenerator(seed);
        generator.machine();
        int pieces = generator.random.nextInt(1, 8);
        for (int i = 0; i < pieces; i++) {
            generator.piece();
        }
        return String.join(" ", generator.words);
    }

    private void machine() {
        if (random.nextInt(10) > 0) {
            words.add("-nodefaults");
        }
        if (random.nextBoolean()) {
            add("-bios fw.fd");
        }
        Map<String, String> machine = new LinkedHashMap<>();
        if (random.nextBoolean()) {
            machine.put("gic-version", "3");
        }
        while (random.nextInt(3) == 0) {
            values.machine(machine);
        }
        add("-machine " + joined(random.nextInt(25) == 0 ? values.machineType() : "virt", machine));
        if (random.nextInt(3) == 0) {
            add("-cpu " + values.cpu());
        }
        if (random.nextInt(4) == 0) {
            add("-smp " + values.smp());
        }
        add("-m " + (random.nextInt(4) == 0 ? values.memory() : "256M"));
    }

    private void piece() {
        switch (random.nextInt(20)) {
            case 0, 1, 2 -> expander();
            case 3, 4, 5, 6, 7 -> bridge();
            case 8, 9, 10 -> endpoint();
            case 11, 12, 13 -> smmu();
            case 14 -> translated();
            case 15 -> memory();
            case 16 -> nodes();
            case 17 -> passedThrough();
            case 18 -> global();
            default -> add(values.option(anyDevice()));
        }
    }

    private void expander() {
        Map<String, String> p = new LinkedHashMap<>();
        p.put("id", nextId("pxb"));
        p.put("bus_nr", Integer.toString(random.nextInt(12) * 8));
        if (random.nextInt(5) > 0) {
            p.put("bus", "pcie.0");
        }
        if (random.nextInt(8) == 0) {
            p.put("numa_node", Integer.toString(random.nextInt(2)));
        }
        if (random.nextInt(10) == 0) {
            p.put("bypass_iommu", values.bool());
        }
        device("pxb-pcie", p);
        buses.add(p.getOrDefault("id", ""));
    }

    private void bridge() {
        String driver = any(BRIDGES);
        Map<String, String> p = new LinkedHashMap<>();
        p.put("id", nextId("br"));
        p.put("bus", bus());
        switch (driver) {
            case "pcie-root-port", "ioh3420", "xio3130-downstream" ->
                    p.put("chassis", Integer.toString(random.nextInt(1, 40)));
            case "pci-bridge" -> p.put("chassis_nr", Integer.toString(random.nextInt(3)));
            default -> {}
        }
        address(p);
        device(driver, p);
        buses.add(p.getOrDefault("id", ""));
    }

    private void endpoint() {
        Map<String, String> p = new LinkedHashMap<>();
        p.put("id", nextId("dev"));
        if (random.nextInt(5) > 0) {
            p.put("bus", bus());
        }
        address(p);
        device(any(ENDPOINTS), p);
    }

    private void address(Map<String, String> p) {
        if (random.nextInt(4) == 0) {
            p.put("addr", values.address());
        }
        if (random.nextInt(8) == 0) {
            p.put("multifunction", values.bool());
        }
    }

    private void smmu() {
        Map<String, String> p = new LinkedHashMap<>();
        if (random.nextInt(12) > 0) {
            p.put("primary-bus", random.nextInt(8) == 0 ? bus() : any(buses));
        }
        p.put("id", nextId("smmu"));
        while (random.nextInt(2) == 0) {
            values.smmu(p);
        }
        device("arm-smmuv3", p);
    }

    private void translated() {
        Map<String, String> p = new LinkedHashMap<>();
        p.put("id", nextId("t"));
        switch (random.nextInt(3)) {
            case 0 -> {
                if (random.nextBoolean()) {
                    p.put("aw-bits", Integer.toString(random.nextInt(30, 68)));
                }
                if (random.nextBoolean()) {
                    p.put("granule", any(List.of("4k", "host", "16k", "8k", "2m")));
                }
                device("virtio-iommu-pci", p);
            }
            case 1 -> {
                p.put("iommu_platform", values.bool());
                p.put("ats", values.bool());
                p.put("disable-legacy", any(List.of("on", "off", "auto")));
                p.put("disable-modern", any(List.of("off", "off", "on", "true")));
                device("virtio-net-pci", p);
            }
            default -> {
                p.put("memdev", any(List.of("m0", "m1", "nothing")));
                p.put("requested-size", any(List.of("0", "64M", "3M", "1G")));
                device(any(List.of("virtio-mem-pci", "pc-dimm", "nvdimm", "ivshmem-plain")), p);
            }
        }
    }

    private void memory() {
        Map<String, String> p = new LinkedHashMap<>();
        String id = "m" + backends.size();
        p.put("qom-type", any(List.of("memory-backend-ram", "memory-backend-memfd")));
        p.put("id", id);
        p.put("size", random.nextInt(5) == 0 ? values.memory() : "256M");
        values.object(p);
        add("-object " + written(p));
        backends.add(id);
        if (random.nextInt(3) == 0) {
            add("-machine memory-backend=" + any(List.of(id, "m0", "nothing")));
        }
    }

    private void nodes() {
        add(values.numa(backends.isEmpty() ? "m0" : any(backends), anyDevice()));
    }

    private void passedThrough() {
        if (random.nextBoolean()) {
            add(
                    "-object "
                            + any(
                                    List.of(
                                            "iommufd,id=i0",
                                            "'{\"qom-type\":\"iommufd\",\"id\":\"i0\"}'",
                                            "iommufd,id=i1",
                                            "iommufd",
                                            "iommufd,id=i0,fd=x")));
        }
        Map<String, String> p = new LinkedHashMap<>();
        p.put("host", any(List.of("0000:01:00.0", "01:00.0", "0009:01:00.1", "1:2", "host")));
        p.put("id", nextId("vfio"));
        if (random.nextBoolean()) {
            p.put("iommufd", any(List.of("i0", "i1")));
        }
        if (random.nextBoolean()) {
            p.put("bus", bus());
        }
        device(any(List.of("vfio-pci", "vfio-pci", "vfio-pci-nohotplug")), p);
    }

    private void global() {
        String driver =
                any(
                        List.of(
                                "arm-smmuv3",
                                "pcie-root-port",
                                "virtio-net-pci",
                                "pxb-pcie",
                                "virtio-rng-pci",
                                "vfio-pci"));
        Map<String, String> one = new LinkedHashMap<>();
        values.property(driver, one);
        one.forEach((key, value) -> add("-global " + driver + "." + key + "=" + value));
    }

    private void device(String driver, Map<String, String> p) {
        if (random.nextInt(25) == 0 && p.containsKey("id")) {
            p.remove("id");
        }
        if (random.nextInt(4) == 0) {
            values.property(driver, p);
        }
        Map<String, String> all = new LinkedHashMap<>();
        all.put("driver", driver);
        all.putAll(p);
        add("-device " + written(all));
        if (p.containsKey("id")) {
            devices.add(p.getOrDefault("id", ""));
        }
    }

    /// As `key=value`, or as JSON.
    private String written(Map<String, String> p) {
        if (random.nextInt(6) == 0) {
            return "'" + values.json(p) + "'";
        }
        Map<String, String> rest = new LinkedHashMap<>(p);
        String kind = p.containsKey("driver") ? "driver" : "qom-type";
        String first = rest.getOrDefault(kind, "");
        rest.remove(kind);
        return joined(first, rest);
    }

    private static String joined(String first, Map<String, String> rest) {
        return first
                + rest.entrySet().stream()
                        .map(e -> "," + e.getKey() + "=" + e.getValue())
                        .collect(Collectors.joining());
    }

    private String bus() {
        return random.nextInt(30) == 0 ? "nowhere" : any(buses);
    }

    private String anyDevice() {
        return devices.isEmpty() ? "nothing" : any(devices);
    }

    private String nextId(String kind) {
        return random.nextInt(60) == 0 && !devices.isEmpty() ? anyDevice() : kind + made++;
    }

    private void add(String text) {
        if (!text.isEmpty()) {
            words.add(text);
        }
    }

    private <T> T any(List<T> of) {
        return of.get(random.nextInt(of.size()));
    }
}
