package dev.belfry.vmm.reader;

import dev.belfry.vmm.cmdline.CommandLine;
import dev.belfry.vmm.cmdline.Nearest;
import dev.belfry.vmm.cmdline.Option;
import dev.belfry.vmm.cmdline.Param;
import dev.belfry.vmm.cmdline.Params;
import dev.belfry.vmm.cmdline.Position;
import dev.belfry.vmm.cmdline.Quantities;
import dev.belfry.vmm.machine.Cpus;
import dev.belfry.vmm.machine.Memory;
import dev.belfry.vmm.machine.NumaNode;
import dev.belfry.vmm.machine.Phase;
import dev.belfry.vmm.machine.Problem;
import dev.belfry.vmm.machine.Problems;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;

/// Reads `-numa`, option by option, as QEMU does it once the machine and its memory backends are
/// there.
final class NumaReader {

    private static final int MAX_NODES = 128;
    private static final long LOCAL = 10;

    /// What each kind of option takes.
    private static final Map<String, List<String>> KEYS =
            Map.of(
                    "node", List.of("nodeid", "cpus", "mem", "memdev", "initiator"),
                    "dist", List.of("src", "dst", "val"),
                    "cpu",
                            List.of(
                                    "node-id",
                                    "drawer-id",
                                    "book-id",
                                    "socket-id",
                                    "die-id",
                                    "cluster-id",
                                    "module-id",
                                    "core-id",
                                    "thread-id"),
                    "hmat-lb",
                            List.of(
                                    "initiator",
                                    "target",
                                    "hierarchy",
                                    "data-type",
                                    "latency",
                                    "bandwidth"),
                    "hmat-cache",
                            List.of("node-id", "size", "level", "associativity", "policy", "line"));

    private final Map<String, Long> backends;
    private final boolean hmat;
    private final Cpus cpus;
    private final Problems problems;
    private final TreeMap<Integer, NumaNode> nodes = new TreeMap<>();
    private final Map<Integer, Integer> nodeOfCpu = new HashMap<>();
    private final NumaDistances distances = new NumaDistances();

    /// @param backends sizes of the memory backends by id
    /// @param hmat whether the machine has `hmat=on`
    NumaReader(Map<String, Long> backends, boolean hmat, Cpus cpus, Problems problems) {
        this.backends = backends;
        this.hmat = hmat;
        this.cpus = cpus;
        this.problems = problems;
    }

    /// The nodes by id. Every node's memory together must be the machine's RAM.
    List<NumaNode> read(CommandLine commandLine, Memory ram) {
        commandLine.all("numa").forEach(this::option);
        if (nodes.isEmpty()) {
            return List.of();
        }
        Position at = nodes.lastEntry().getValue().at();
        for (int id = nodes.lastKey(); id >= 0; id--) {
            if (!nodes.containsKey(id)) {
                error(
                        "NUMA-NODE",
                        at,
                        "numa: Node ID missing: " + id,
                        "number the nodes from 0 without gaps: add -numa node,nodeid=" + id);
                break;
            }
        }
        long total = nodes.values().stream().mapToLong(NumaNode::size).sum();
        if (total != ram.size()) {
            error(
                    "NUMA-SIZE",
                    at,
                    String.format(
                            "total memory for NUMA nodes (0x%x) should equal RAM size (0x%x)",
                            total, ram.size()),
                    "make -m and the sizes of the memory backends agree");
        }
        distances.check(nodes.lastKey() + 1, problems);
        return List.copyOf(nodes.values());
    }

    private void option(Option option) {
        Params params = option.params();
        String type = params.get("type", "");
        List<String> keys = KEYS.get(type);
        if (keys == null) {
            error(
                    "NUMA-OPTION",
                    option.at(),
                    type.isEmpty()
                            ? "Parameter 'type' is missing"
                            : "Parameter 'type' does not accept value '" + type + "'",
                    "write -numa node, cpu, dist, hmat-lb or hmat-cache");
            return;
        }
        for (Param p : params.all()) {
            if (!p.key().equals("type") && !keys.contains(p.key())) {
                error(
                        "NUMA-OPTION",
                        p.at(),
                        "Invalid parameter '" + p.key() + "'",
                        Nearest.hint(p.key(), keys, ""));
                return;
            }
        }
        if (type.startsWith("hmat") && !hmat) {
            needsHmat(option);
        }
        switch (type) {
            case "node" -> node(option);
            case "dist" -> distance(option);
            case "cpu" -> cpu(option);
            default -> {}
        }
    }

    private void node(Option option) {
        Params params = option.params();
        OptionalLong given = Quantities.number(params.get("nodeid", ""));
        if (params.has("nodeid") && given.isEmpty()) {
            error(
                    "NUMA-NODE",
                    at(option, "nodeid"),
                    "Parameter 'nodeid' expects a uint64 value",
                    "write a number from 0 to 127");
            return;
        }
        // Without a number it is that of how many there are.
        long id = given.orElse(nodes.size());
        if (id < 0 || id >= MAX_NODES) {
            error(
                    "NUMA-NODE",
                    at(option, "nodeid"),
                    "Max number of NUMA nodes reached: " + Long.toUnsignedString(id),
                    "number the nodes from 0 to 127");
            return;
        }
        NumaNode earlier = nodes.get((int) id);
        if (earlier != null) {
            error(
                    "NUMA-NODE",
                    at(option, "nodeid"),
                    "Duplicate NUMA nodeid: " + id + ", first given at " + earlier.at(),
                    "write nodeid=" + (nodes.lastKey() + 1));
            return;
        }
        List<String> cpus = params.each("cpus").stream().map(Param::value).toList();
        params.each("cpus").forEach(p -> cpus(p, (int) id));
        String memdev = memory(option);
        if (params.has("initiator") && !hmat) {
            needsHmat(option);
        }
        nodes.put(
                (int) id,
                new NumaNode(
                        (int) id,
                        memdev,
                        backends.getOrDefault(memdev, 0L),
                        cpus,
                        List.of(),
                        option.at()));
    }

    private String memory(Option option) {
        Params params = option.params();
        String memdev = params.get("memdev", "");
        if (params.has("mem")) {
            boolean both = !memdev.isEmpty();
            error(
                    "NUMA-MEM",
                    at(option, "mem"),
                    both
                            ? "numa configuration should use either mem= or memdev=,mixing both is"
                                    + " not allowed"
                            : "Parameter -numa node,mem is not supported by this machine type",
                    both ? "remove mem=" : "use -numa node,memdev instead");
        }
        if (!memdev.isEmpty() && !backends.containsKey(memdev)) {
            error(
                    "NUMA-MEMDEV",
                    at(option, "memdev"),
                    "memdev=" + memdev + " is ambiguous: there is no such memory backend",
                    problems.nearest("NUMA-MEMDEV", memdev, backends::keySet)
                            .map(n -> "did you mean memdev=" + n + "?")
                            .orElse("add -object memory-backend-ram,id=" + memdev + ",size="));
        }
        return memdev;
    }

    private void cpus(Param p, int node) {
        String text = p.value();
        int dash = text.indexOf('-');
        OptionalLong first = Quantities.number(dash < 0 ? text : text.substring(0, dash));
        OptionalLong last = dash < 0 ? first : Quantities.number(text.substring(dash + 1));
        if (first.isEmpty() || last.isEmpty() || last.getAsLong() < first.getAsLong()) {
            error(
                    "NUMA-CPU",
                    p.at(),
                    "Parameter 'cpus' expects a uint64 value or range",
                    "write cpus=0-3 or cpus=2");
            return;
        }
        for (long cpu = first.getAsLong(); cpu <= last.getAsLong(); cpu++) {
            if (cpu < 0 || cpu >= cpus.max()) {
                error(
                        "NUMA-CPU",
                        p.at(),
                        "CPU index ("
                                + cpu
                                + ") should be smaller than maxcpus ("
                                + cpus.max()
                                + ")",
                        "CPUs are 0 to " + (cpus.max() - 1));
                return;
            }
            if (!assign((int) cpu, node, p.at())) {
                return;
            }
        }
    }

    private boolean assign(int cpu, int node, Position at) {
        Integer earlier = nodeOfCpu.putIfAbsent(cpu, node);
        if (earlier == null || earlier == node) {
            return true;
        }
        error(
                "NUMA-CPU",
                at,
                "CPU is already assigned to node-id: " + earlier,
                "give each CPU to one node: CPU " + cpu + " has two");
        return false;
    }

    private void cpu(Option option) {
        String id = option.params().get("node-id", "");
        long node = Quantities.number(id).orElse(-1);
        if (node < 0 || node >= MAX_NODES || !nodes.containsKey((int) node)) {
            error(
                    "NUMA-CPU",
                    at(option, "node-id"),
                    "Invalid node-id="
                            + id
                            + ", NUMA node must be defined with -numa node,nodeid=ID before it's"
                            + " used with -numa cpu,node-id=ID",
                    "put -numa node,nodeid=" + id + " in front of it");
            return;
        }
        Optional<String> notHere = NumaCpus.notHere(option.params());
        if (notHere.isPresent()) {
            error(
                    "NUMA-CPU",
                    at(option, notHere.get()),
                    notHere.get() + " is not supported",
                    "name CPUs by socket-id, cluster-id, core-id and thread-id");
            return;
        }
        List<Integer> meant =
                NumaCpus.meant(option.params(), cpus.topology(), cpus.max()).boxed().toList();
        if (meant.isEmpty()) {
            error(
                    "NUMA-CPU",
                    option.at(),
                    "no match found",
                    "-smp has sockets, clusters, cores and threads, each counted from 0");
            return;
        }
        for (int cpu : meant) {
            if (!assign(cpu, (int) node, option.at())) {
                return;
            }
        }
    }

    private void distance(Option option) {
        Params params = option.params();
        long from = Quantities.number(params.get("src", "")).orElse(-1);
        long to = Quantities.number(params.get("dst", "")).orElse(-1);
        long value = Quantities.number(params.get("val", "")).orElse(-1);
        if (from < 0 || to < 0 || from >= MAX_NODES || to >= MAX_NODES) {
            error(
                    "NUMA-DISTANCE",
                    option.at(),
                    "Invalid node "
                            + (from < 0 || from >= MAX_NODES ? from : to)
                            + ", max possible could be 128",
                    "write src= and dst= of nodes");
        } else if (!nodes.containsKey((int) from) || !nodes.containsKey((int) to)) {
            error(
                    "NUMA-DISTANCE",
                    option.at(),
                    "Source/Destination NUMA node is missing. Please use '-numa node' option to"
                            + " declare it first.",
                    "put the -numa node options in front of it");
        } else if (value < LOCAL) {
            error(
                    "NUMA-DISTANCE",
                    at(option, "val"),
                    "NUMA distance (" + value + ") is invalid, it shouldn't be less than 10.",
                    "write val=20 or the like");
        } else if (from == to && value != LOCAL) {
            error(
                    "NUMA-DISTANCE",
                    at(option, "val"),
                    "Local distance of node " + from + " should be 10.",
                    "write val=10");
        } else {
            distances.add((int) from, (int) to, value, option.at());
        }
    }

    private void needsHmat(Option option) {
        error(
                "NUMA-HMAT",
                option.at(),
                "ACPI Heterogeneous Memory Attribute Table (HMAT) is disabled, enable it with"
                        + " -machine hmat=on before using any of hmat specific options",
                "write -machine virt,hmat=on");
    }

    private static Position at(Option option, String key) {
        return option.params().find(key).map(Param::at).orElse(option.at());
    }

    private void error(String rule, Position at, String message, String fix) {
        problems.add(
                Problems.BEFORE_DEVICES, Problem.error(rule, Phase.OBJECT, at, message).fix(fix));
    }

    /// The nodes with the devices that `acpi-generic-initiator` puts there.
    static List<NumaNode> withInitiators(List<NumaNode> nodes, List<Option> initiators) {
        List<NumaNode> all = new ArrayList<>();
        for (NumaNode n : nodes) {
            List<String> devices =
                    initiators.stream()
                            .map(Option::params)
                            .filter(p -> Quantities.number(p.get("node", "")).orElse(-1) == n.id())
                            .map(p -> p.get("pci-dev", ""))
                            .toList();
            all.add(new NumaNode(n.id(), n.memdev(), n.size(), n.cpus(), devices, n.at()));
        }
        return all;
    }
}
