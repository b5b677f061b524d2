package dev.belfry.vmm.rule.board;

import dev.belfry.vmm.machine.NumaNode;
import dev.belfry.vmm.machine.Phase;
import dev.belfry.vmm.rule.About;
import dev.belfry.vmm.rule.Found;
import dev.belfry.vmm.rule.Place;
import dev.belfry.vmm.rule.Rule;
import dev.belfry.vmm.rule.Subject;

/// A memory-only NUMA node before the nodes of generic initiators.
final class NumaOrder implements Rule {

    @Override
    public About about() {
        return About.note(
                        "NUMA-ORDER",
                        Phase.MACHINE_DONE,
                        "a memory-only NUMA node before the nodes of generic initiators")
                .because(
                        "launchers of Grace guests number nodes with CPUs first, then those of "
                                + "initiators, then nodes with memory alone, and guest software has come "
                                + "to expect it",
                        "Kata runtime-rs qemu/ARCHITECTURE.md");
    }

    @Override
    public void check(Subject s, Found found) {
        int lastInitiator =
                s.machine().numa().stream()
                        .filter(n -> !n.initiators().isEmpty())
                        .mapToInt(NumaNode::id)
                        .max()
                        .orElse(-1);
        for (NumaNode node : s.machine().numa()) {
            boolean memoryOnly =
                    node.size() > 0 && node.cpus().isEmpty() && node.initiators().isEmpty();
            if (memoryOnly && node.id() > 0 && node.id() < lastInitiator) {
                found.add(
                        Place.after(node.at()),
                        "node "
                                + node.id()
                                + " has memory alone and comes before node "
                                + lastInitiator
                                + " of a generic initiator",
                        "give it a nodeid= behind those of the initiators");
            }
        }
    }
}
