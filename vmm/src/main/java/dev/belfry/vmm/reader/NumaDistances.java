package dev.belfry.vmm.reader;

import dev.belfry.vmm.cmdline.Position;
import dev.belfry.vmm.machine.Phase;
import dev.belfry.vmm.machine.Problem;
import dev.belfry.vmm.machine.Problems;
import java.util.HashMap;
import java.util.Map;

/// What `-numa dist` says of all nodes together: nothing, or of each pair one direction, or both of
/// each as soon as one pair's differ (QEMU `validate_numa_distance`).
final class NumaDistances {

    private record Pair(int from, int to) {}

    private final Map<Pair, Long> values = new HashMap<>();
    private Position last = new Position(1, 1, "");

    void add(int from, int to, long value, Position at) {
        values.put(new Pair(from, to), value);
        last = at;
    }

    /// To be asked once all nodes are known.
    ///
    /// @param count of nodes
    void check(int count, Problems problems) {
        if (values.isEmpty()) {
            return;
        }
        boolean differ = false;
        for (int from = 0; from < count; from++) {
            for (int to = from + 1; to < count; to++) {
                Long there = values.get(new Pair(from, to));
                Long back = values.get(new Pair(to, from));
                if (there == null && back == null) {
                    refuse(
                            problems,
                            "The distance between node "
                                    + from
                                    + " and "
                                    + to
                                    + " is missing, at least one distance value between each nodes"
                                    + " should be provided.",
                            "add " + option(from, to));
                    return;
                }
                differ |= there != null && back != null && !there.equals(back);
            }
        }
        if (differ) {
            bothWays(count, problems);
        }
    }

    private void bothWays(int count, Problems problems) {
        for (int from = 0; from < count; from++) {
            for (int to = 0; to < count; to++) {
                if (from != to && !values.containsKey(new Pair(from, to))) {
                    refuse(
                            problems,
                            "At least one asymmetrical pair of distances is given, please provide"
                                    + " distances for both directions of all node pairs.",
                            "add " + option(from, to));
                    return;
                }
            }
        }
    }

    private static String option(int from, int to) {
        return "-numa dist,src=" + from + ",dst=" + to + ",val=20";
    }

    private void refuse(Problems problems, String words, String fix) {
        problems.add(
                Problems.BEFORE_DEVICES,
                Problem.error("NUMA-DISTANCE", Phase.OBJECT, last, words).fix(fix));
    }
}
