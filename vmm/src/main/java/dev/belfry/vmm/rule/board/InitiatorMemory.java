package dev.belfry.vmm.rule.board;

import dev.belfry.vmm.machine.NumaNode;
import dev.belfry.vmm.machine.Phase;
import dev.belfry.vmm.rule.About;
import dev.belfry.vmm.rule.Found;
import dev.belfry.vmm.rule.Place;
import dev.belfry.vmm.rule.Rule;
import dev.belfry.vmm.rule.Subject;

/// A generic initiator on a node that has memory or CPUs.
final class InitiatorMemory implements Rule {

    @Override
    public About about() {
        return About.warning(
                        "INITIATOR-MEMORY",
                        Phase.MACHINE_DONE,
                        "a generic initiator on a node that has memory or CPUs")
                .because(
                        "a node of a generic initiator stands for memory that the device brings "
                                + "online itself",
                        "ACPI 6.5, 5.2.16.6; Kata runtime-rs qemu/ARCHITECTURE.md");
    }

    @Override
    public void check(Subject s, Found found) {
        for (NumaNode node : s.machine().numa()) {
            if (!node.initiators().isEmpty() && (node.size() > 0 || !node.cpus().isEmpty())) {
                found.add(
                        Place.after(node.at()),
                        "node "
                                + node.id()
                                + " is that of "
                                + node.initiators().getFirst()
                                + " and already has "
                                + (node.size() > 0 ? "memory" : "CPUs"),
                        "give the initiator a -numa node,nodeid= of its own");
            }
        }
    }
}
