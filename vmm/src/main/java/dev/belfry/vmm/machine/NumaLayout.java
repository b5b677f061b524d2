package dev.belfry.vmm.machine;

import java.util.List;
import java.util.Optional;

/// Which node each CPU belongs to, how far apart nodes are, and what is said of their memory.
///
/// @param nodeOfCpu by CPU; empty without NUMA
/// @param distances row by row; empty when none was given
/// @param initiators devices that have nodes of their own, in the order in which QEMU tells of them
/// @param attributes of the nodes' memory, with `hmat=on`
public record NumaLayout(
        List<Integer> nodeOfCpu,
        List<List<Integer>> distances,
        List<Initiator> initiators,
        Optional<MemoryAttributes> attributes) {

    /// Without NUMA.
    public static final NumaLayout NONE =
            new NumaLayout(List.of(), List.of(), List.of(), Optional.empty());

    public NumaLayout {
        nodeOfCpu = List.copyOf(nodeOfCpu);
        distances = List.copyOf(distances);
        initiators = List.copyOf(initiators);
    }

    /// The same with what is said of memory.
    public NumaLayout with(MemoryAttributes said) {
        return new NumaLayout(nodeOfCpu, distances, initiators, Optional.of(said));
    }

    /// A PCI device with a node of its own (`acpi-generic-initiator`).
    ///
    /// @param device its id
    /// @param node the node
    public record Initiator(String device, int node) {}
}
