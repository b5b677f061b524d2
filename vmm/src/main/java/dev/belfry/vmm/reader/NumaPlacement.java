package dev.belfry.vmm.reader;

import dev.belfry.vmm.cmdline.CommandLine;
import dev.belfry.vmm.cmdline.Option;
import dev.belfry.vmm.cmdline.Params;
import dev.belfry.vmm.cmdline.Quantities;
import dev.belfry.vmm.machine.CpuTopology;
import dev.belfry.vmm.machine.Cpus;
import dev.belfry.vmm.machine.NumaLayout;
import dev.belfry.vmm.machine.NumaNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// Places CPUs in nodes, and nodes at their distances, once both are known.
final class NumaPlacement {

    private static final int NOT_SAID = -1;
    private static final int LOCAL = 10;
    private static final int REMOTE = 20;

    private NumaPlacement() {}

    /// What `-numa` says; numbers out of range are left out.
    ///
    /// @param initiators devices with nodes of their own
    static NumaLayout of(
            CommandLine commandLine,
            List<NumaNode> nodes,
            Cpus cpus,
            List<NumaLayout.Initiator> initiators) {
        if (nodes.isEmpty()) {
            return NumaLayout.NONE;
        }
        int[] of = new int[cpus.max()];
        Arrays.fill(of, NOT_SAID);
        for (NumaNode node : nodes) {
            node.cpus().forEach(range -> assign(of, range, node.id()));
        }
        commandLine
                .all("numa")
                .filter(o -> o.params().get("type", "").equals("cpu"))
                .forEach(o -> assign(of, o.params(), cpus.topology()));
        int count = nodes.getLast().id() + 1;
        boolean said = IntStream.of(of).anyMatch(node -> node != NOT_SAID);
        int socket = Math.max(1, cpus.topology().socket());
        for (int cpu = 0; cpu < of.length; cpu++) {
            if (of[cpu] == NOT_SAID) {
                // With a layout, those that it forgets are in node 0; else sockets share the nodes.
                of[cpu] = said ? 0 : cpu / socket % count;
            }
        }
        List<Integer> placed = IntStream.of(of).boxed().collect(Collectors.toList());
        return new NumaLayout(
                placed,
                distances(
                        count,
                        commandLine
                                .all("numa")
                                .filter(o -> o.params().get("type", "").equals("dist"))
                                .toList()),
                initiators,
                Optional.empty());
    }

    /// `3` or `0-3`.
    private static void assign(int[] of, String range, int node) {
        int dash = range.indexOf('-');
        int first = number(dash < 0 ? range : range.substring(0, dash));
        int last = dash < 0 ? first : number(range.substring(dash + 1));
        for (int cpu = Math.max(0, first); first >= 0 && cpu <= last && cpu < of.length; cpu++) {
            of[cpu] = node;
        }
    }

    private static void assign(int[] of, Params params, CpuTopology t) {
        int node = number(params.get("node-id", ""));
        if (node >= 0) {
            NumaCpus.meant(params, t, of.length).forEach(cpu -> of[cpu] = node);
        }
    }

    /// A distance that is given in one direction only counts in both.
    private static List<List<Integer>> distances(int count, List<Option> given) {
        if (given.isEmpty()) {
            return List.of();
        }
        int[][] matrix = new int[count][count];
        for (Option option : given) {
            int from = number(option.params().get("src", ""));
            int to = number(option.params().get("dst", ""));
            int value = number(option.params().get("val", ""));
            if (from >= 0 && from < count && to >= 0 && to < count && value >= LOCAL) {
                matrix[from][to] = value;
            }
        }
        List<List<Integer>> rows = new ArrayList<>();
        for (int from = 0; from < count; from++) {
            List<Integer> row = new ArrayList<>();
            for (int to = 0; to < count; to++) {
                int value = matrix[from][to] != 0 ? matrix[from][to] : matrix[to][from];
                row.add(from == to ? LOCAL : value != 0 ? value : REMOTE);
            }
            rows.add(row);
        }
        return rows;
    }

    private static int number(String text) {
        long value = Quantities.number(text).orElse(NOT_SAID);
        return value >= 0 && value < 1 << 16 ? (int) value : NOT_SAID;
    }
}
