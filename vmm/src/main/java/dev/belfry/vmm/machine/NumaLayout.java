package dev.belfry.vmm.machine;

import java.util.List;

/// Which node each CPU belongs to, and how far apart nodes are.
///
/// @param nodeOfCpu by CPU; empty without NUMA
/// @param distances row by row; empty when none was given
public record NumaLayout(List<Integer> nodeOfCpu, List<List<Integer>> distances) {

    public NumaLayout {
        nodeOfCpu = List.copyOf(nodeOfCpu);
        distances = List.copyOf(distances);
    }
}
