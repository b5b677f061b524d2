package dev.belfry.vmm.rule.pci;

import dev.belfry.vmm.cmdline.Edit;
import dev.belfry.vmm.cmdline.Quantities;
import dev.belfry.vmm.machine.PciFunction;
import dev.belfry.vmm.machine.Phase;
import dev.belfry.vmm.machine.Plugged;
import dev.belfry.vmm.rule.About;
import dev.belfry.vmm.rule.Found;
import dev.belfry.vmm.rule.Place;
import dev.belfry.vmm.rule.Rule;
import dev.belfry.vmm.rule.Subject;

/// A pci-bridge without a number of its own.
final class BridgeChassis implements Rule {

    @Override
    public About about() {
        return About.error(
                        "BRIDGE-CHASSIS", Phase.REALIZE, "a pci-bridge without a number of its own")
                .because(
                        "the number names the bridge in its slot capability",
                        "QEMU hw/pci/slotid_cap.c");
    }

    @Override
    public void check(Subject s, Found found) {
        int next = 1;
        for (PciFunction.Bridge bridge : s.functions(PciFunction.Bridge.class).toList()) {
            Plugged p = bridge.plugged();
            boolean given = Quantities.number(p.params().get("chassis_nr", "0")).orElse(0) != 0;
            if (p.driver().equals("pci-bridge") && !given) {
                found.add(
                        Place.of(p, "chassis_nr"),
                        "Bridge chassis not specified. Each bridge is required to be assigned a"
                                + " unique chassis id > 0.",
                        "add chassis_nr=" + next,
                        new Edit.Set(p.at(), "chassis_nr", Integer.toString(next++)));
            }
        }
    }
}
