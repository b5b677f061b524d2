package dev.belfry.vmm.rule.pci;

import dev.belfry.vmm.cmdline.Edit;
import dev.belfry.vmm.cmdline.Option;
import dev.belfry.vmm.cmdline.Quantities;
import dev.belfry.vmm.machine.PciFunction;
import dev.belfry.vmm.machine.Phase;
import dev.belfry.vmm.machine.Plugged;
import dev.belfry.vmm.machine.Problems;
import dev.belfry.vmm.rule.About;
import dev.belfry.vmm.rule.Found;
import dev.belfry.vmm.rule.Place;
import dev.belfry.vmm.rule.Rule;
import dev.belfry.vmm.rule.Subject;

/// An expander bus of another kind than `pxb-pcie`.
final class OtherExpander implements Rule {

    @Override
    public About about() {
        return About.error(
                        "PXB-OTHER", Phase.REALIZE, "an expander bus of another kind than pxb-pcie")
                .because(
                        "pxb is for machines with conventional PCI, pxb-cxl needs cxl=on",
                        "QEMU hw/pci-bridge/pci_expander_bridge.c; hw/cxl/cxl-host.c");
    }

    @Override
    public void check(Subject s, Found found) {
        boolean cxl =
                s.commandLine()
                        .all("machine")
                        .map(Option::params)
                        .anyMatch(p -> Quantities.bool(p.get("cxl", "off")).orElse(false));
        for (PciFunction.Emulated f : s.functions(PciFunction.Emulated.class).toList()) {
            Plugged p = f.plugged();
            if (p.driver().equals("pxb")) {
                found.add(
                        Place.of(p, "driver"),
                        "pxb devices cannot reside on a PCIe bus",
                        "write pxb-pcie",
                        new Edit.Set(p.at(), "driver", "pxb-pcie"));
            } else if (p.driver().equals("pxb-cxl") && !cxl) {
                found.add(
                        new Place(Problems.AFTER_DEVICES, Place.of(p, "driver").at()),
                        "CXL host bridges present, but cxl=off",
                        "write pxb-pcie, or add cxl=on to -machine",
                        new Edit.Set(p.at(), "driver", "pxb-pcie"));
            }
        }
    }
}
