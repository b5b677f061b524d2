package dev.belfry.vmm.rule.board;

import dev.belfry.vmm.machine.NumaNode;
import dev.belfry.vmm.machine.Phase;
import dev.belfry.vmm.rule.About;
import dev.belfry.vmm.rule.Found;
import dev.belfry.vmm.rule.Place;
import dev.belfry.vmm.rule.Rule;
import dev.belfry.vmm.rule.Subject;
import java.util.Collections;
import java.util.List;

/// NUMA nodes in another order than CPUs, generic initiators, memory alone.
final class NumaOrder implements Rule {

    @Override
    public About about() {
        return About.note(
                        "NUMA-ORDER",
                        Phase.MACHINE_DONE,
                        "NUMA nodes in another order than CPUs, generic initiators, memory alone")
                .because(
                        "launchers of Grace guests number nodes with CPUs first, then those of "
                                + "initiators, then nodes with memory alone, and guest software has come "
                                + "to expect it",
                        "Kata runtime-rs qemu/ARCHITECTURE.md");
    }

    @Override
    public void check(Subject s, Found found) {
        List<Integer> initiators =
                s.machine().numa().stream()
                        .filter(n -> !n.initiators().isEmpty())
                        .map(NumaNode::id)
                        .toList();
        if (initiators.isEmpty()) {
            return;
        }
        int first = Collections.min(initiators);
        int last = Collections.max(initiators);
        for (NumaNode node : s.machine().numa()) {
            boolean memoryOnly =
                    node.size() > 0 && node.cpus().isEmpty() && node.initiators().isEmpty();
            if (memoryOnly && node.id() > 0 && node.id() < last) {
                found.add(
                        Place.after(node.at()),
                        "node "
                                + node.id()
                                + " has memory alone and comes before node "
                                + last
                                + " of a generic initiator",
                        "number it behind those of the initiators: nodeid=" + last);
            } else if (!node.cpus().isEmpty() && node.id() > first) {
                found.add(
                        Place.after(node.at()),
                        "node "
                                + node.id()
                                + " has CPUs and comes after node "
                                + first
                                + " of a generic initiator",
                        "number it before those of the initiators: nodeid=" + first);
            }
        }
    }
}
