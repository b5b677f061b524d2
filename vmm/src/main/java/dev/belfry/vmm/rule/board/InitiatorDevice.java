package dev.belfry.vmm.rule.board;

import dev.belfry.vmm.cmdline.Nearest;
import dev.belfry.vmm.cmdline.Option;
import dev.belfry.vmm.machine.Phase;
import dev.belfry.vmm.rule.About;
import dev.belfry.vmm.rule.Found;
import dev.belfry.vmm.rule.Place;
import dev.belfry.vmm.rule.Rule;
import dev.belfry.vmm.rule.Subject;
import java.util.List;
import java.util.stream.Stream;

/// A generic initiator for a device that is not there.
final class InitiatorDevice implements Rule {

    /// They are looked at when the tables are made, so with firmware alone.
    static Stream<Option> initiators(Subject s) {
        if (!s.machine().firmware().named() || !s.machine().firmware().acpi()) {
            return Stream.empty();
        }
        return s.commandLine()
                .all("object")
                .filter(o -> o.params().get("qom-type", "").equals("acpi-generic-initiator"));
    }

    @Override
    public About about() {
        return About.error(
                        "INITIATOR-DEVICE",
                        Phase.MACHINE_DONE,
                        "a generic initiator for a device that is not there")
                .because("", "QEMU hw/acpi/pci.c");
    }

    @Override
    public void check(Subject s, Found found) {
        List<String> ids =
                s.machine().pci().inOrder().stream()
                        .map(f -> f.plugged().id())
                        .filter(id -> !id.isEmpty())
                        .toList();
        initiators(s)
                .filter(o -> !ids.contains(o.params().get("pci-dev", "")))
                .forEach(o -> {
                    String device = o.params().get("pci-dev", "");
                    found.add(
                            Place.after(s.at(o.at(), "pci-dev")),
                            "acpi-generic-initiator: Specified device must be a PCI device.: there is no '"
                                    + device
                                    + "'",
                            Nearest.hint(device, ids, "pci-dev="));
                });
    }
}
