package dev.belfry.vmm.rule.board;

import dev.belfry.vmm.cmdline.Edit;
import dev.belfry.vmm.cmdline.Quantities;
import dev.belfry.vmm.machine.NumaNode;
import dev.belfry.vmm.machine.Phase;
import dev.belfry.vmm.rule.About;
import dev.belfry.vmm.rule.Found;
import dev.belfry.vmm.rule.Place;
import dev.belfry.vmm.rule.Rule;
import dev.belfry.vmm.rule.Subject;

/// A generic initiator on a NUMA node that is not there.
final class InitiatorNode implements Rule {

    @Override
    public About about() {
        return About.error(
                        "INITIATOR-NODE",
                        Phase.MACHINE_DONE,
                        "a generic initiator on a NUMA node that is not there")
                .because("", "QEMU hw/acpi/pci.c");
    }

    @Override
    public void check(Subject s, Found found) {
        InitiatorDevice.initiators(s)
                .filter(o -> {
                    long node = Quantities.number(o.params().get("node", "")).orElse(-1);
                    return s.machine().numa().stream().noneMatch(n -> n.id() == node);
                })
                .forEach(o -> {
                    String node = o.params().get("node", "");
                    String right = "" + meant(s);
                    found.add(
                            Place.after(s.at(o.at(), "node")),
                            "acpi-generic-initiator: Specified node " + node + " is invalid.",
                            "write node=" + right + ", or add -numa node,nodeid=" + node,
                            new Edit.Set(o.at(), "node", right));
                });
    }

    /// A node that stands for memory which a device brings: it has none yet, and no CPUs.
    private static int meant(Subject s) {
        return s.machine().numa().stream()
                .filter(n -> n.size() == 0 && n.cpus().isEmpty() && n.initiators().isEmpty())
                .mapToInt(NumaNode::id)
                .findFirst()
                .orElse(0);
    }
}
