package dev.belfry.vmm.reader;

import dev.belfry.vmm.cmdline.CommandLine;
import dev.belfry.vmm.cmdline.Option;
import dev.belfry.vmm.cmdline.Param;
import dev.belfry.vmm.cmdline.Params;
import dev.belfry.vmm.cmdline.Quantities;
import dev.belfry.vmm.machine.MemoryAttributes;
import dev.belfry.vmm.machine.MemoryAttributes.SideCache;
import dev.belfry.vmm.machine.MemoryAttributes.Value;
import dev.belfry.vmm.machine.NumaLayout;
import dev.belfry.vmm.machine.NumaNode;
import dev.belfry.vmm.machine.Phase;
import dev.belfry.vmm.machine.Problem;
import dev.belfry.vmm.machine.Problems;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/// Reads `-numa hmat-lb` and `hmat-cache`, and each node's `initiator=`, once nodes and CPUs are
/// known. What QEMU refuses is a problem, and left out.
final class MemoryAttributesReader {

    private static final String LB = "hmat-lb";
    private static final String CACHE = "hmat-cache";
    private static final List<String> HIERARCHIES =
            List.of("memory", "first-level", "second-level", "third-level");
    private static final List<String> KINDS =
            List.of(
                    "access-latency",
                    "read-latency",
                    "write-latency",
                    "access-bandwidth",
                    "read-bandwidth",
                    "write-bandwidth");
    private static final List<String> ASSOCIATIVITIES = List.of("none", "direct", "complex");
    private static final List<String> POLICIES = List.of("none", "write-back", "write-through");
    private static final long MEBIBYTE = 1L << 20;
    private static final int MOST_LEVELS = 3;

    private final NumaLayout layout;
    private final List<NumaNode> nodes;
    private final Problems problems;
    private final TreeMap<Integer, LocalityValues> localities = new TreeMap<>();
    private final List<SideCache> caches = new ArrayList<>();

    private MemoryAttributesReader(NumaLayout layout, List<NumaNode> nodes, Problems problems) {
        this.layout = layout;
        this.nodes = nodes;
        this.problems = problems;
    }

    /// @param layout where CPUs and devices are
    static MemoryAttributes read(
            CommandLine commandLine, NumaLayout layout, List<NumaNode> nodes, Problems problems) {
        var reader = new MemoryAttributesReader(layout, nodes, problems);
        List<Option> options = commandLine.all("numa").toList();
        for (Option option : options) {
            switch (option.params().get("type", "")) {
                case LB -> reader.locality(option);
                case CACHE -> reader.cache(option);
                default -> {}
            }
        }
        return new MemoryAttributes(
                nodes.stream().map(n -> reader.initiator(n, options)).toList(),
                reader.localities.values().stream().map(LocalityValues::locality).toList(),
                reader.caches.stream()
                        .sorted(
                                Comparator.comparingInt(SideCache::node)
                                        .thenComparingInt(SideCache::level))
                        .toList());
    }

    /// A node with CPUs reaches its own memory.
    private int initiator(NumaNode node, List<Option> options) {
        Option option =
                options.stream().filter(o -> o.at().equals(node.at())).findFirst().orElseThrow();
        int own = hasCpu(node.id()) ? node.id() : MemoryAttributes.NO_INITIATOR;
        if (!option.params().has("initiator")) {
            return own;
        }
        long given = Quantities.number(option.params().get("initiator", "")).orElse(-1);
        if (hasCpu(node.id()) && given != node.id()) {
            refuse(
                    option,
                    "initiator",
                    String.format(
                            "The initiator of CPU NUMA node %d should be itself (got %d)",
                            node.id(), given),
                    "write initiator=" + node.id());
            return own;
        }
        if (!hasCpu(given)) {
            refuse(
                    option,
                    "initiator",
                    exists(given)
                            ? "The initiator of NUMA node " + node.id() + " is invalid"
                            : "NUMA node "
                                    + given
                                    + " is missing, use '-numa node' option to declare it first",
                    "write the number of a node that has CPUs");
            return own;
        }
        return (int) given;
    }

    private void locality(Option option) {
        Params params = option.params();
        int hierarchy = HIERARCHIES.indexOf(params.get("hierarchy", ""));
        int kind = KINDS.indexOf(params.get("data-type", ""));
        long initiator = Quantities.number(params.get("initiator", "")).orElse(-1);
        long target = Quantities.number(params.get("target", "")).orElse(-1);
        if (hierarchy < 0 || kind < 0) {
            noChoice(
                    option,
                    hierarchy < 0 ? "hierarchy" : "data-type",
                    hierarchy < 0 ? HIERARCHIES : KINDS);
            return;
        }
        boolean isDevice = layout.initiators().stream().anyMatch(i -> i.node() == initiator);
        if (initiator > nodes.size() || target > nodes.size()) {
            boolean first = initiator > nodes.size();
            String key = first ? "initiator" : "target";
            refuse(
                    option,
                    key,
                    String.format(
                            "Invalid %s=%d, it should be less than %d",
                            key, first ? initiator : target, nodes.size()),
                    "write the number of a node");
        } else if (!hasCpu(initiator) && !isDevice) {
            refuse(
                    option,
                    "initiator",
                    "Invalid initiator=" + initiator + ", it isn't an initiator proximity domain",
                    "write the number of a node with CPUs or with a generic initiator");
        } else if (!exists(target)) {
            refuse(
                    option,
                    "target",
                    "The target=" + target + " should point to an existing node",
                    "write the number of a node");
        } else {
            amount(option, kind)
                    .ifPresent(amount ->
                            add(
                                    option,
                                    localities.computeIfAbsent(
                                            hierarchy * KINDS.size() + kind,
                                            _ -> new LocalityValues(hierarchy, kind)),
                                    new Value((int) initiator, (int) target, amount)));
        }
    }

    private Optional<Long> amount(Option option, int kind) {
        boolean latency = kind < MemoryAttributes.FIRST_BANDWIDTH;
        String key = latency ? "latency" : "bandwidth";
        String other = latency ? "bandwidth" : "latency";
        String text = option.params().get(key, "");
        long amount = (latency ? Quantities.number(text) : Quantities.size(text)).orElse(-1);
        if (!option.params().has(key)) {
            refuse(option, "data-type", "Missing '" + key + "' option", "add " + key + "=");
        } else if (option.params().has(other)) {
            refuse(
                    option,
                    other,
                    "Invalid option '" + other + "' since the data type is " + key,
                    "remove it");
        } else if (amount < 0) {
            refuse(option, key, "Parameter '" + key + "' expects a number", "write a number");
        } else if (!latency && amount % MEBIBYTE != 0) {
            refuse(
                    option,
                    key,
                    String.format(
                            "Bandwidth %d between initiator=%s and target=%s should be 1MB aligned",
                            amount,
                            option.params().get("initiator", ""),
                            option.params().get("target", "")),
                    "write a multiple of 1M");
        } else {
            return Optional.of(amount);
        }
        return Optional.empty();
    }

    private void add(Option option, LocalityValues values, Value value) {
        String kind = values.isLatency() ? "latency" : "bandwidth";
        String where = "initiator=" + value.initiator() + " and target=" + value.target();
        if (values.has(value.initiator(), value.target())) {
            refuse(
                    option,
                    "target",
                    "Duplicate configuration of the " + kind + " for " + where,
                    "remove one of them");
        } else if (!values.add(value)) {
            refuse(
                    option,
                    kind,
                    String.format(
                            "%s %d between %s should not differ from previously entered %s on more"
                                    + " than 65534",
                            values.isLatency() ? "Latency" : "Bandwidth",
                            value.amount(),
                            where,
                            values.isLatency() ? "min or max values" : "values"),
                    "write values that are nearer to each other");
        }
    }

    private void cache(Option option) {
        Params params = option.params();
        int associativity = ASSOCIATIVITIES.indexOf(params.get("associativity", ""));
        int policy = POLICIES.indexOf(params.get("policy", ""));
        long node = Quantities.number(params.get("node-id", "")).orElse(-1);
        long level = Quantities.number(params.get("level", "")).orElse(-1);
        long size = Quantities.size(params.get("size", "")).orElse(0);
        long line = Quantities.number(params.get("line", "")).orElse(-1);
        if (associativity < 0 || policy < 0) {
            noChoice(
                    option,
                    associativity < 0 ? "associativity" : "policy",
                    associativity < 0 ? ASSOCIATIVITIES : POLICIES);
        } else if (line < 0 || line > 0xffff) {
            refuse(option, "line", "Parameter 'line' expects uint16_t", "write line=64");
        } else if (!exists(node)) {
            refuse(
                    option,
                    "node-id",
                    "Invalid node-id=" + node + ", it should be less than " + nodes.size(),
                    "write the number of a node");
        } else if (!isTold(node, true) || !isTold(node, false)) {
            refuse(
                    option,
                    "node-id",
                    "The latency and bandwidth information of node-id="
                            + node
                            + " should be provided before memory side cache attributes",
                    "put -numa hmat-lb options for it in front");
        } else if (level < 1 || level > MOST_LEVELS) {
            refuse(
                    option,
                    "level",
                    "Invalid level="
                            + level
                            + ", it should be larger than 0 and less than or equal to "
                            + MOST_LEVELS,
                    "write 1, 2 or 3");
        } else {
            add(
                    option,
                    new SideCache(
                            (int) node, (int) level, size, associativity, policy, (int) line));
        }
    }

    /// Each level is larger than the one before it.
    private void add(Option option, SideCache cache) {
        Optional<SideCache> below = level(cache.node(), cache.level() - 1);
        if (level(cache.node(), cache.level()).isPresent()) {
            refuse(
                    option,
                    "level",
                    String.format(
                            "Duplicate configuration of the side cache for node-id=%d and level=%d",
                            cache.node(), cache.level()),
                    "remove one of them");
        } else if (cache.level() > 1 && below.isEmpty()) {
            refuse(
                    option,
                    "level",
                    "Cache level=" + (cache.level() - 1) + " shall be defined first",
                    "put level=" + (cache.level() - 1) + " in front");
        } else if (below.filter(b -> cache.size() <= b.size()).isPresent()) {
            refuse(
                    option,
                    "size",
                    String.format(
                            "Invalid size=%d, the size of level=%d should be larger than the"
                                    + " size(%d) of level=%d",
                            cache.size(), cache.level(), below.get().size(), cache.level() - 1),
                    "give each level more than the one before it");
        } else {
            caches.add(cache);
        }
    }

    private Optional<SideCache> level(int node, int level) {
        return caches.stream().filter(c -> c.node() == node && c.level() == level).findFirst();
    }

    private boolean isTold(long target, boolean latency) {
        return localities.values().stream()
                .map(LocalityValues::locality)
                .filter(l -> l.latency() == latency)
                .flatMap(l -> l.values().stream())
                .anyMatch(v -> v.target() == target && v.amount() != 0);
    }

    private boolean hasCpu(long node) {
        return node >= 0 && node <= Integer.MAX_VALUE && layout.nodeOfCpu().contains((int) node);
    }

    private boolean exists(long node) {
        return nodes.stream().anyMatch(n -> n.id() == node);
    }

    private void noChoice(Option option, String key, List<String> choices) {
        String given = option.params().get(key, "");
        refuse(
                option,
                key,
                option.params().has(key)
                        ? "Parameter '" + key + "' does not accept value '" + given + "'"
                        : "Parameter '" + key + "' is missing",
                "write " + key + "=" + String.join("|", choices));
    }

    private void refuse(Option option, String key, String message, String fix) {
        problems.add(
                Problems.BEFORE_DEVICES,
                Problem.error(
                                "NUMA-HMAT",
                                Phase.OBJECT,
                                option.params().find(key).map(Param::at).orElse(option.at()),
                                message)
                        .fix(fix));
    }
}
