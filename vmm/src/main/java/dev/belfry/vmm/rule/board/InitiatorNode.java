package dev.belfry.vmm.rule.board;

import dev.belfry.vmm.cmdline.Edit;
import dev.belfry.vmm.cmdline.Quantities;
import dev.belfry.vmm.machine.Phase;
import dev.belfry.vmm.rule.About;
import dev.belfry.vmm.rule.Found;
import dev.belfry.vmm.rule.Place;
import dev.belfry.vmm.rule.Rule;
import dev.belfry.vmm.rule.Subject;
import java.util.HashSet;
import java.util.Set;

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
        Set<String> told = new HashSet<>();
        InitiatorDevice.initiators(s)
                .filter(o -> {
                    long node = Quantities.number(o.params().get("node", "")).orElse(-1);
                    return s.machine().numa().stream().noneMatch(n -> n.id() == node);
                })
                .forEach(o -> {
                    int count = s.machine().numa().size();
                    String next = Integer.toString(count);
                    String node = o.params().get("node", "");
                    found.add(
                            Place.after(s.at(o.at(), "node")),
                            "acpi-generic-initiator: Specified node " + node + " is invalid.",
                            next.equals(node)
                                    ? "add -numa node,nodeid=" + node
                                    : "write the number of a -numa node, 0 to " + (count - 1),
                            next.equals(node) && told.add(node)
                                    ? new Edit[] {
                                        new Edit.Insert(o.at(), "-numa node,nodeid=" + node)
                                    }
                                    : new Edit[0]);
                });
    }
}
