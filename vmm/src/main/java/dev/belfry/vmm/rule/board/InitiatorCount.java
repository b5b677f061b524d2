package dev.belfry.vmm.rule.board;

import dev.belfry.vmm.cmdline.Option;
import dev.belfry.vmm.machine.Phase;
import dev.belfry.vmm.rule.About;
import dev.belfry.vmm.rule.Found;
import dev.belfry.vmm.rule.Place;
import dev.belfry.vmm.rule.Rule;
import dev.belfry.vmm.rule.Subject;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/// A device with fewer or more than eight generic initiators.
final class InitiatorCount implements Rule {

    private static final int EXPECTED = 8;

    @Override
    public About about() {
        return About.note(
                        "INITIATOR-COUNT",
                        Phase.MACHINE_DONE,
                        "a device with fewer or more than eight generic initiators")
                .because(
                        "a Grace-class GPU has up to eight memory partitions, and its driver "
                                + "wants a node for each",
                        "Kata runtime-rs qemu/ARCHITECTURE.md; QEMU docs, "
                                + "acpi-generic-initiator");
    }

    @Override
    public void check(Subject s, Found found) {
        Map<String, List<Option>> byDevice =
                InitiatorDevice.initiators(s)
                        .collect(
                                Collectors.groupingBy(
                                        o -> o.params().get("pci-dev", ""),
                                        LinkedHashMap::new,
                                        Collectors.toList()));
        byDevice.forEach((device, options) -> {
            long nodes = options.stream().map(o -> o.params().get("node", "")).distinct().count();
            if (nodes != EXPECTED) {
                found.add(
                        Place.after(options.getFirst().at()),
                        device
                                + " has generic initiators on "
                                + nodes
                                + (nodes == 1 ? " node" : " nodes")
                                + "; a GPU with partitioned memory wants "
                                + EXPECTED,
                        nodes < EXPECTED
                                ? "add -numa node,nodeid=N and -object"
                                        + " acpi-generic-initiator,id=giN,pci-dev="
                                        + device
                                        + ",node=N until there are "
                                        + EXPECTED
                                : "remove -object acpi-generic-initiator beyond the eighth");
            }
        });
    }
}
