package dev.belfry.vmm.machine;

import dev.belfry.vmm.cmdline.CommandLine;
import dev.belfry.vmm.cmdline.Nearest;
import dev.belfry.vmm.cmdline.Option;
import dev.belfry.vmm.cmdline.Params;
import dev.belfry.vmm.cmdline.Position;
import dev.belfry.vmm.cmdline.Quantities;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;

/// Reads `-object` and `-numa`.
final class ObjectReader {

    private static final int MAX_NODES = 128;
    private static final List<String> KNOWN =
            List.of(
                    """
                    iommufd memory-backend-ram memory-backend-file memory-backend-memfd \
                    memory-backend-epc memory-backend-shm acpi-generic-initiator \
                    acpi-generic-port acpi-egm-memory authz-list authz-list-file authz-listfile authz-pam \
                    authz-simple can-bus can-host-socketcan colo-compare cryptodev-backend \
                    cryptodev-backend-builtin cryptodev-backend-lkcf cryptodev-vhost-user \
                    dbus-vmstate filter-buffer filter-dump filter-mirror filter-redirector \
                    filter-replay filter-rewriter igvm-cfg input-barrier input-linux iothread \
                    main-loop monitor-hmp monitor-qmp pef-guest pr-manager-helper qtest rng-builtin rng-egd rng-random \
                    secret secret_keyring s390-pv-guest sev-guest sev-snp-guest tdx-guest \
                    arm-rme-guest rme-guest thread-context throttle-group tls-cipher-suites \
                    tls-creds-anon tls-creds-psk tls-creds-x509 vfio-user-server \
                    x-remote-object x-vfio-user-server\
                    """
                            .split(" "));

    private final CommandLine commandLine;
    private final Problems problems;
    private final Map<String, Option> byId = new LinkedHashMap<>();
    private final Map<String, Long> memory = new HashMap<>();

    ObjectReader(CommandLine commandLine, Problems problems) {
        this.commandLine = commandLine;
        this.problems = problems;
        commandLine.all("object").forEach(this::object);
    }

    List<Iommufd> iommufds() {
        return byId.entrySet().stream()
                .filter(e -> e.getValue().params().get("qom-type", "").equals("iommufd"))
                .map(e ->
                        new Iommufd(
                                e.getKey(), e.getValue().params().get("fd", ""), e.getValue().at()))
                .toList();
    }

    private void object(Option option) {
        Params params = option.params();
        String type = params.get("qom-type", "");
        if (!KNOWN.contains(type)) {
            error(
                    "OBJECT-TYPE",
                    option.at(),
                    "Parameter 'qom-type' does not accept value '" + type + "'",
                    Nearest.hint(type, KNOWN, ""));
        }
        String id = params.get("id", "");
        if (id.isEmpty()) {
            error("OBJECT-ID", option.at(), "Parameter 'id' is missing", "add id=");
            return;
        }
        Option earlier = byId.putIfAbsent(id, option);
        if (earlier != null) {
            error(
                    "ID-TWICE",
                    option.at(),
                    "Duplicate ID '" + id + "' for object, first given at " + earlier.at(),
                    "give this one another id");
        }
        if (type.startsWith("memory-backend-")) {
            memory.put(id, backendSize(option));
        }
    }

    /// Pages of the backends that are RAM: the machine's own and those of NUMA nodes; without any,
    /// those of `-mem-path`.
    ///
    /// @param machines `memory-backend=` of `-machine`, or empty
    RamBacking ram(String machines) {
        List<String> used = new ArrayList<>();
        commandLine
                .all("numa")
                .map(o -> o.params().get("memdev", ""))
                .filter(id -> !id.isEmpty())
                .forEach(used::add);
        if (!machines.isEmpty()) {
            used.add(machines);
        }
        if (used.isEmpty()) {
            return commandLine
                    .last("mem-path")
                    .map(o -> RamBacking.ofPath(o.argument()))
                    .orElse(RamBacking.PLAIN);
        }
        return used.stream()
                .map(id -> Optional.ofNullable(byId.get(id)))
                .map(o -> o.map(ObjectReader::pages).orElse(RamBacking.PLAIN))
                .reduce(RamBacking::or)
                .orElse(RamBacking.PLAIN);
    }

    private static RamBacking pages(Option backend) {
        Params p = backend.params();
        return switch (p.get("qom-type", "")) {
            case "memory-backend-file" -> RamBacking.ofPath(p.get("mem-path", ""));
            case "memory-backend-memfd" ->
                    Quantities.bool(p.get("hugetlb", "off")).orElse(false)
                            ? RamBacking.huge(Quantities.size(p.get("hugetlbsize", "")))
                            : RamBacking.PLAIN;
            default -> RamBacking.PLAIN;
        };
    }

    private long backendSize(Option option) {
        String size = option.params().get("size", "");
        if (Quantities.size(size).isEmpty()) {
            error(
                    "OBJECT-SIZE",
                    option.at(),
                    "size of a memory backend expected, not '" + size + "'",
                    "write size=16G or the like");
        }
        return Quantities.size(size).orElse(0);
    }

    /// The NUMA nodes by id. Every node's memory together must be the machine's RAM.
    List<NumaNode> numa(Memory ram) {
        TreeMap<Integer, NumaNode> nodes = new TreeMap<>();
        commandLine
                .all("numa")
                .filter(o -> o.params().get("type", "").equals("node"))
                .forEach(o -> node(o, nodes));
        long total = nodes.values().stream().mapToLong(NumaNode::size).sum();
        if (total != ram.size() && !nodes.isEmpty()) {
            error(
                    "NUMA-SIZE",
                    nodes.lastEntry().getValue().at(),
                    String.format(
                            "total memory for NUMA nodes (0x%x) should equal RAM size (0x%x)",
                            total, ram.size()),
                    "make -m and the sizes of the memory backends agree");
        }
        return nodes.values().stream().map(this::withInitiators).toList();
    }

    private void node(Option option, NavigableMap<Integer, NumaNode> nodes) {
        Params params = option.params();
        int next = nodes.isEmpty() ? 0 : nodes.lastKey() + 1;
        long id =
                params.has("nodeid")
                        ? Quantities.number(params.get("nodeid", "")).orElse(-1)
                        : next;
        if (id < 0 || id >= MAX_NODES) {
            error("NUMA-NODE", option.at(), "NUMA node id must be 0 to 127", "");
            return;
        }
        if (params.has("mem")) {
            error(
                    "NUMA-MEM",
                    option.at(),
                    "Parameter -numa node,mem is not supported by this machine type",
                    "use -numa node,memdev instead");
        }
        String memdev = params.get("memdev", "");
        if (!memdev.isEmpty() && !memory.containsKey(memdev)) {
            error(
                    "NUMA-MEMDEV",
                    option.at(),
                    "memory backend '" + memdev + "' not found",
                    Nearest.hint(memdev, memory.keySet(), ""));
        }
        List<String> cpus = params.each("cpus").stream().map(p -> p.value()).toList();
        NumaNode node =
                new NumaNode(
                        (int) id,
                        memdev,
                        memory.getOrDefault(memdev, 0L),
                        cpus,
                        List.of(),
                        option.at());
        NumaNode earlier = nodes.putIfAbsent((int) id, node);
        if (earlier != null) {
            error(
                    "NUMA-NODE",
                    option.at(),
                    "Duplicate NUMA nodeid: " + id + ", first given at " + earlier.at(),
                    "");
        }
    }

    private NumaNode withInitiators(NumaNode node) {
        List<String> initiators = new ArrayList<>();
        for (Option option : byId.values()) {
            Params params = option.params();
            if (params.get("qom-type", "").equals("acpi-generic-initiator")
                    && Quantities.number(params.get("node", "")).orElse(-1) == node.id()) {
                initiators.add(params.get("pci-dev", ""));
            }
        }
        return new NumaNode(
                node.id(), node.memdev(), node.size(), node.cpus(), initiators, node.at());
    }

    /// The generic initiators, to be held against devices and nodes once both are known.
    List<Option> initiators() {
        return byId.values().stream()
                .filter(o -> o.params().get("qom-type", "").equals("acpi-generic-initiator"))
                .toList();
    }

    private void error(String rule, Position at, String message, String fix) {
        problems.add(
                Problems.BEFORE_DEVICES, Problem.error(rule, Phase.OBJECT, at, message).fix(fix));
    }
}
