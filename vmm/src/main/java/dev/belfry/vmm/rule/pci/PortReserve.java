package dev.belfry.vmm.rule.pci;

import dev.belfry.vmm.cmdline.Edit;
import dev.belfry.vmm.machine.PciFunction;
import dev.belfry.vmm.machine.Phase;
import dev.belfry.vmm.rule.About;
import dev.belfry.vmm.rule.Found;
import dev.belfry.vmm.rule.Place;
import dev.belfry.vmm.rule.Rule;
import dev.belfry.vmm.rule.Subject;

/// A port that reserves room in the 32-bit and in the 64-bit prefetchable window.
final class PortReserve implements Rule {

    @Override
    public About about() {
        return About.error(
                        "PORT-RESERVE",
                        Phase.REALIZE,
                        "a port that reserves prefetchable room twice")
                .because(
                        "a bridge has one prefetchable window, below 4 GiB or above",
                        "QEMU hw/pci/pci_bridge.c, pci_bridge_qemu_reserve_cap_init");
    }

    @Override
    public void check(Subject s, Found found) {
        s.functions(PciFunction.Bridge.class)
                .map(PciFunction::plugged)
                .filter(p -> p.params().has("pref32-reserve") && p.params().has("pref64-reserve"))
                .forEach(p ->
                        found.add(
                                Place.of(p, "pref32-reserve"),
                                "PCI resource reserve cap: PREF32 and PREF64 conflict",
                                "remove pref32-reserve=",
                                new Edit.Remove(p.at(), "pref32-reserve")));
    }
}
