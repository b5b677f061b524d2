package dev.belfry.vmm.reader;

import dev.belfry.vmm.cmdline.CommandLine;
import dev.belfry.vmm.cmdline.Option;
import dev.belfry.vmm.cmdline.Param;
import dev.belfry.vmm.cmdline.Params;
import dev.belfry.vmm.cmdline.Quantities;
import dev.belfry.vmm.machine.Iommufd;
import dev.belfry.vmm.machine.MemoryAttributes;
import dev.belfry.vmm.machine.NumaLayout;
import dev.belfry.vmm.machine.Phase;
import dev.belfry.vmm.machine.Problem;
import dev.belfry.vmm.machine.Problems;
import dev.belfry.vmm.machine.RamBacking;
import dev.belfry.vmm.version.QemuVersion;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Reads `-object`.
final class ObjectReader {

    private final CommandLine commandLine;
    private final Problems problems;
    private final ObjectCheck check;
    private final Map<String, Option> byId = new LinkedHashMap<>();
    private final Map<String, Long> memory = new HashMap<>();

    ObjectReader(CommandLine commandLine, QemuVersion qemu, Problems problems) {
        this.check = new ObjectCheck(qemu, problems);
        this.commandLine = commandLine;
        this.problems = problems;
        commandLine.all("object").forEach(this::object);
    }

    /// The ids of all objects.
    Set<String> ids() {
        return Set.copyOf(byId.keySet());
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
        check.isRight(option);
        String id = option.params().get("id", "");
        if (id.isEmpty()) {
            return;
        }
        Option earlier = byId.putIfAbsent(id, option);
        if (earlier != null) {
            problems.add(
                    Problems.BEFORE_DEVICES,
                    Problem.error(
                                    "ID-TWICE",
                                    Phase.OPTIONS,
                                    option.params().find("id").map(Param::at).orElse(option.at()),
                                    "Duplicate ID '"
                                            + id
                                            + "' for object, first given at "
                                            + earlier.at())
                            .fix("write another id here: id=" + id + "-2"));
        }
        if (isMemory(option)) {
            memory.put(id, Quantities.size(option.params().get("size", "")).orElse(0));
        }
    }

    /// Sizes of the memory backends by id.
    Map<String, Long> memory() {
        return Map.copyOf(memory);
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

    /// The generic initiators, to be held against devices and nodes once both are known.
    List<Option> initiators() {
        return byId.values().stream()
                .filter(o -> o.params().get("qom-type", "").equals("acpi-generic-initiator"))
                .toList();
    }

    /// The same in the order in which QEMU tells of them.
    List<NumaLayout.Initiator> initiatorsInOrder() {
        List<Option> early = byId.values().stream().filter(o -> !isMemory(o)).toList();
        List<Option> late = byId.values().stream().filter(ObjectReader::isMemory).toList();
        Set<String> initiators =
                initiators().stream()
                        .map(o -> o.params().get("id", ""))
                        .collect(Collectors.toSet());
        return QomOrder.of(
                        Stream.of(early, late)
                                .flatMap(List::stream)
                                .map(o -> o.params().get("id", ""))
                                .toList())
                .stream()
                .filter(initiators::contains)
                .flatMap(id -> Optional.ofNullable(byId.get(id)).stream())
                .map(o ->
                        new NumaLayout.Initiator(
                                o.params().get("pci-dev", ""),
                                Quantities.number(o.params().get("node", "")).stream()
                                        .mapToInt(n ->
                                                Math.clamp(n, -1, MemoryAttributes.NO_INITIATOR))
                                        .findFirst()
                                        .orElse(-1)))
                .toList();
    }

    private static boolean isMemory(Option option) {
        return option.params().get("qom-type", "").startsWith("memory-backend-");
    }
}
