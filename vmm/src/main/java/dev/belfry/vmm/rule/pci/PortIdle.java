package dev.belfry.vmm.rule.pci;

import dev.belfry.vmm.cmdline.Edit;
import dev.belfry.vmm.machine.PciFunction;
import dev.belfry.vmm.machine.Phase;
import dev.belfry.vmm.rule.About;
import dev.belfry.vmm.rule.Found;
import dev.belfry.vmm.rule.Place;
import dev.belfry.vmm.rule.Rule;
import dev.belfry.vmm.rule.Subject;

/// An empty port that nothing can be plugged into.
final class PortIdle implements Rule {

    @Override
    public About about() {
        return About.note(
                        "PORT-IDLE",
                        Phase.REALIZE,
                        "an empty port that nothing can be plugged into")
                .because(
                        "device_add wants a bus that supports hot-plug, which a port with hotplug=off"
                                + " has not",
                        "QEMU hw/pci/pcie.c, pcie_cap_slot_init; system/qdev-monitor.c");
    }

    @Override
    public void check(Subject s, Found found) {
        for (PciFunction.Bridge port : s.functions(PciFunction.Bridge.class).toList()) {
            boolean link =
                    port.kind() == PciFunction.BridgeKind.ROOT_PORT
                            || port.kind() == PciFunction.BridgeKind.DOWNSTREAM;
            if (link && !port.hotPlug() && port.secondary().functions().isEmpty()) {
                found.add(
                        Place.of(port.plugged(), "hotplug"),
                        port.plugged().label()
                                + " has hotplug=off and nothing on it: nothing can come later",
                        "remove hotplug=off, or put a device on it",
                        new Edit.Remove(port.plugged().at(), "hotplug"));
            }
        }
    }
}
