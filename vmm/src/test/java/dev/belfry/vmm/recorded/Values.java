package dev.belfry.vmm.recorded;

import dev.belfry.vmm.catalog.Catalog;
import dev.belfry.vmm.catalog.Description;
import dev.belfry.vmm.catalog.Property;
import dev.belfry.vmm.catalog.ValueType;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;

/// Values for [LineGenerator]: mostly sensible, some at the edge, some wrong.
final class Values {

    private static final Map<String, List<String>> MACHINE =
            Map.ofEntries(
                    Map.entry("gic-version", List.of("2", "3", "4", "max", "host", "5", "three")),
                    Map.entry("iommu", List.of("none", "smmuv3", "smmuv3", "virtio", "smmu")),
                    Map.entry("msi", List.of("auto", "its", "gicv2m", "off", "none")),
                    Map.entry("its", List.of("on", "off", "maybe")),
                    Map.entry("acpi", List.of("on", "off", "auto")),
                    Map.entry("highmem", List.of("on", "off")),
                    Map.entry("highmem-ecam", List.of("on", "off", "1")),
                    Map.entry("highmem-mmio", List.of("on", "off")),
                    Map.entry("highmem-redists", List.of("on", "off")),
                    Map.entry("compact-highmem", List.of("on", "off")),
                    Map.entry(
                            "highmem-mmio-size",
                            List.of(
                                    "512G",
                                    "1T",
                                    "4T",
                                    "256G",
                                    "513G",
                                    "16T",
                                    "1",
                                    "big",
                                    "0x8000000000")),
                    Map.entry("virtualization", List.of("on", "off", "true")),
                    Map.entry("secure", List.of("on", "off")),
                    Map.entry("mte", List.of("on", "off")),
                    Map.entry("hmat", List.of("on", "off")),
                    Map.entry("nvdimm", List.of("on", "off")),
                    Map.entry("cxl", List.of("on", "off")),
                    Map.entry("default-bus-bypass-iommu", List.of("on", "off")),
                    Map.entry("memory-backend", List.of("m0", "m1")),
                    Map.entry("kernel-irqchip", List.of("on", "off", "split")),
                    Map.entry("accel", List.of("tcg", "tcg")),
                    Map.entry("dtb-randomness", List.of("on", "off")),
                    Map.entry("virtio-mmio-transports", List.of("0", "8", "32", "33", "256")),
                    Map.entry("graphics", List.of("on", "off")),
                    Map.entry("spcr", List.of("on", "off")),
                    Map.entry("usb", List.of("on", "off")),
                    Map.entry("dump-guest-core", List.of("on", "no")),
                    Map.entry("mem-merge", List.of("on", "off")),
                    Map.entry("x-oem-id", List.of("BELFRY", "SEVENCH")),
                    Map.entry("highmem_mmio", List.of("on")),
                    Map.entry("smmu", List.of("on")));

    private static final Map<String, List<String>> SMMU =
            Map.ofEntries(
                    Map.entry("accel", List.of("on", "off", "off", "off")),
                    Map.entry("stage", List.of("1", "2", "nested", "both")),
                    Map.entry("ril", List.of("on", "off", "auto", "yes")),
                    Map.entry("ats", List.of("on", "off", "auto", "maybe")),
                    Map.entry("oas", List.of("44", "48", "auto", "40", "52", "45")),
                    Map.entry("ssidsize", List.of("0", "auto", "1", "16", "20", "21", "-1")),
                    Map.entry("cmdqv", List.of("on", "off", "auto")),
                    Map.entry("identifier", List.of("0", "1", "255", "256")),
                    Map.entry("msi-gpa", List.of("0", "0x8090040", "x")),
                    Map.entry("bus_num", List.of("0", "255", "256")),
                    Map.entry("smmu_per_bus", List.of("on", "off")),
                    Map.entry("memory", List.of("m0")),
                    Map.entry("pasid", List.of("on")),
                    Map.entry("parent_bus", List.of("pcie.0")));

    private final RandomGenerator random;

    Values(RandomGenerator random) {
        this.random = random;
    }

    void machine(Map<String, String> p) {
        String key = any(MACHINE.keySet().stream().sorted().toList());
        p.put(key, any(MACHINE.getOrDefault(key, List.of())));
    }

    void smmu(Map<String, String> p) {
        String key = any(SMMU.keySet().stream().sorted().toList());
        p.put(key, any(SMMU.getOrDefault(key, List.of())));
    }

    String machineType() {
        return any(
                List.of(
                        "virt-11.1",
                        "virt-11.0",
                        "virt-10.2",
                        "virt-10.0",
                        "virt-9.2",
                        "virt-8.2",
                        "virt-7.2",
                        "virt-6.2",
                        "virt-6.1",
                        "virt-5.0",
                        "virt-12.0",
                        "virt-2.6",
                        "virt8"));
    }

    String cpu() {
        return any(
                List.of(
                        "max",
                        "max",
                        "cortex-a57",
                        "cortex-a72",
                        "cortex-a76",
                        "neoverse-n1",
                        "neoverse-v1",
                        "cortex-a15",
                        "cortex-a53",
                        "a64fx",
                        "cortex-a710",
                        "host",
                        "max,sve=off",
                        "max,pauth=off",
                        "max,pauth-impdef=on",
                        "cortex-a9",
                        "neoverse-n3",
                        "max,lpa2=off",
                        "max,sve512=on",
                        "cortex-a72,pmu=off",
                        "max,sme=off",
                        "max,foo=on"));
    }

    String smp() {
        return any(
                List.of(
                        "1",
                        "2",
                        "4",
                        "8",
                        "9",
                        "4,sockets=2",
                        "4,sockets=2,cores=2,threads=1",
                        "2,maxcpus=4",
                        "4,maxcpus=2",
                        "4,clusters=2",
                        "4,threads=2",
                        "cpus=4,cores=4",
                        "0",
                        "8,sockets=1,clusters=2,cores=2,threads=2",
                        "4,dies=2",
                        "3,cores=2",
                        "16",
                        "two"));
    }

    String memory() {
        return any(
                List.of(
                        "256M",
                        "1G",
                        "512M",
                        "128",
                        "1G,slots=2,maxmem=4G",
                        "256M,maxmem=1G",
                        "2G,slots=4,maxmem=2G",
                        "0",
                        "64",
                        "1G,slots=300,maxmem=2G",
                        "1025",
                        "lots",
                        "4G",
                        "1G,slots=1",
                        "256M,slots=2,maxmem=300G",
                        "16T",
                        "size=1G",
                        "0x10000000",
                        "1.5G"));
    }

    String bool() {
        return any(List.of("on", "off", "on", "off", "on", "off", "true", "no", "1", "auto"));
    }

    String address() {
        return any(
                List.of(
                        "1", "2", "3", "4.0", "4.1", "5.7", "1f", "0x10", "0", "0.1", "20", "3.8",
                        "2.0", "6", "7", "08", "-1", "x", "1f.7"));
    }

    /// One more property, of those that the device has.
    void property(String driver, Map<String, String> p) {
        Description known = Catalog.device(driver).orElseThrow();
        Collection<List<Property>> all = known.properties().values();
        List<Property> of = all.stream().map(List::getLast).toList();
        Property property = any(of);
        List<String> names =
                known.properties().entrySet().stream()
                        .filter(e -> e.getValue().contains(property))
                        .map(Map.Entry::getKey)
                        .sorted()
                        .toList();
        p.put(any(names), of(property.type()));
    }

    private String of(ValueType type) {
        return switch (type) {
            case ValueType.Bool b -> bool();
            case ValueType.Whole w ->
                    any(
                            List.of(
                                    "0",
                                    "1",
                                    "2",
                                    "16",
                                    "255",
                                    "256",
                                    "65535",
                                    "65536",
                                    "-1",
                                    "0x20",
                                    "017",
                                    "4294967296",
                                    "1.5",
                                    "many"));
            case ValueType.Size s ->
                    any(
                            List.of(
                                    "0", "1", "512", "4k", "1M", "3M", "1G", "512G", "-1", "big",
                                    "0x1000"));
            case ValueType.Choice c -> random.nextInt(4) == 0 ? "other" : any(c.words());
            case ValueType.Form f -> address();
            case ValueType.Link l -> any(List.of("m0", "pcie.0", "nothing"));
            case ValueType.Text t -> any(List.of("x", "m0", "n0", "0"));
            case ValueType.Any a -> "x";
            case ValueType.Struct s -> "x";
        };
    }

    void object(Map<String, String> p) {
        if (random.nextInt(3) == 0) {
            p.put(
                    any(
                            List.of(
                                    "share",
                                    "prealloc",
                                    "merge",
                                    "dump",
                                    "reserve",
                                    "seal",
                                    "hugetlb")),
                    bool());
        }
        if (random.nextInt(6) == 0) {
            p.put(
                    any(List.of("policy", "host-nodes", "prealloc-threads", "align")),
                    any(List.of("bind", "default", "0", "1", "preferred", "4k")));
        }
    }

    String numa(String backend, String device) {
        return any(
                List.of(
                        "-numa node,memdev=" + backend,
                        "-numa node,nodeid=1",
                        "-numa node,memdev=" + backend + " -numa node,nodeid=1",
                        "-numa node,nodeid=0,cpus=0,memdev=" + backend,
                        "-numa node,nodeid=2,memdev=" + backend,
                        "-numa node,cpus=0-3,memdev=" + backend,
                        "-numa node,mem=256M",
                        "-numa dist,src=0,dst=1,val=20",
                        "-numa node,memdev="
                                + backend
                                + " -numa node,nodeid=1 -numa dist,src=0,dst=1,val="
                                + random.nextInt(5, 40),
                        "-numa cpu,node-id=0,socket-id=0",
                        "-numa node,memdev=" + backend + " -numa cpu,node-id=0,core-id=0",
                        "-numa hmat-lb,initiator=0,target=0,hierarchy=memory,data-type=access-latency,latency=5",
                        "-object acpi-generic-initiator,id=gi"
                                + made()
                                + ",pci-dev="
                                + device
                                + ",node=0",
                        "-numa node,memdev="
                                + backend
                                + " -numa node,nodeid=1 -object"
                                + " acpi-generic-initiator,id=gj,pci-dev="
                                + device
                                + ",node=1",
                        "-object thread-context,id=tc"));
    }

    private int made() {
        return random.nextInt(3);
    }

    String option(String device) {
        return any(
                List.of(
                        "-set device." + device + ".multifunction=on",
                        "-set device." + device + ".addr=" + address(),
                        "-set device.nothing.addr=1",
                        "-set nonsense",
                        "-device virtio-iommu-pci",
                        "-netdev user,id=n0 -device virtio-net-pci,netdev=n0",
                        "-device virtio-net-pci,netdev=n1",
                        "-device nvme,serial=1",
                        "-device nvme",
                        "-device usb-kbd",
                        "-device qemu-xhci,id=usb -device usb-tablet,bus=usb.0",
                        "-chardev null,id=c0 -device virtio-serial-pci -device virtconsole,chardev=c0",
                        "-device virtconsole",
                        "-accel tcg",
                        "-accel tcg,thread=multi",
                        "-only-migratable",
                        "-append quiet",
                        "-cpu max",
                        "-smp 2",
                        "-machine acpi=off",
                        "-machine iommu=smmuv3",
                        "-device ramfb",
                        "-device tpm-tis-device",
                        "-device iommu-testdev",
                        "-device foo",
                        "-no-acpi",
                        "-nic none",
                        "-nic user,model=virtio-net-pci",
                        "-serial null -serial mon:null",
                        "-rtc base=utc",
                        "-global virtio-pci.disable-modern=on"));
    }

    /// The same as JSON: numbers and booleans as such where they look like it.
    String json(Map<String, String> p) {
        List<String> members = new ArrayList<>();
        p.forEach((key, value) -> {
            boolean number = value.matches("\\d+") && (value.equals("0") || !value.startsWith("0"));
            boolean plain = number && !key.equals("addr") && random.nextInt(8) > 0;
            String text =
                    switch (value) {
                        case "on", "true" -> random.nextInt(10) > 0 ? "true" : "\"on\"";
                        case "off", "no" -> random.nextInt(10) > 0 ? "false" : "\"off\"";
                        default -> plain ? value : "\"" + value + "\"";
                    };
            members.add("\"" + key + "\":" + text);
        });
        return members.stream().collect(Collectors.joining(",", "{", "}"));
    }

    private <T> T any(List<T> of) {
        return of.get(random.nextInt(of.size()));
    }
}
