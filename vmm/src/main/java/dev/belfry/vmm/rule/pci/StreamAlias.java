package dev.belfry.vmm.rule.pci;

import dev.belfry.vmm.cmdline.Edit;
import dev.belfry.vmm.cmdline.Position;
import dev.belfry.vmm.machine.PciFunction;
import dev.belfry.vmm.machine.Phase;
import dev.belfry.vmm.machine.Severity;
import dev.belfry.vmm.rule.About;
import dev.belfry.vmm.rule.Found;
import dev.belfry.vmm.rule.Place;
import dev.belfry.vmm.rule.Rule;
import dev.belfry.vmm.rule.Subject;
import dev.belfry.vmm.rule.Suggestion;
import java.util.List;
import java.util.stream.Stream;

/// Devices that share a StreamID.
final class StreamAlias implements Rule {

    @Override
    public About about() {
        return About.warning("SID-ALIAS", Phase.REALIZE, "devices that share a StreamID")
                .because(
                        "a PCIe-to-PCI bridge puts its own requester id on what comes from "
                                + "behind it",
                        "QEMU hw/pci/pci.c, pci_device_get_iommu_bus_devfn; PCIe to PCI bridge "
                                + "1.0, 2.3");
    }

    @Override
    public void check(Subject s, Found found) {
        for (PciFunction.Bridge bridge : s.functions(PciFunction.Bridge.class).toList()) {
            boolean conventional = bridge.kind() == PciFunction.BridgeKind.PCI;
            List<PciFunction.Vfio> below =
                    bridge.secondary()
                            .everything()
                            .filter(PciFunction.Vfio.class::isInstance)
                            .map(PciFunction.Vfio.class::cast)
                            .toList();
            if (!conventional || below.isEmpty() || s.machine().smmuOf(bridge).isEmpty()) {
                continue;
            }
            Suggestion right = new Suggestion(s);
            String port = right.port(s.machine().pci().rootOf(bridge).name());
            for (PciFunction.Vfio vfio : below) {
                found.addAs(
                        vfio.equals(below.getFirst()) ? Severity.WARNING : Severity.ERROR,
                        Place.of(vfio),
                        vfio.equals(below.getFirst())
                                ? "requests of "
                                        + vfio.host()
                                        + " carry the id of the bridge "
                                        + bridge.plugged().label()
                                : "Device already has an associated idev: "
                                        + vfio.host()
                                        + " shares its StreamID with "
                                        + below.getFirst().host()
                                        + " behind "
                                        + bridge.plugged().label(),
                        "write "
                                + port
                                + " in front of it, and bus="
                                + right.portId()
                                + (vfio.plugged().params().has("addr") ? ",addr=0" : ""),
                        edits(vfio, port, right.portId()));
            }
        }
    }

    private static Edit[] edits(PciFunction.Vfio vfio, String port, String id) {
        Position at = vfio.plugged().at();
        Stream<Edit> moved = Stream.of(new Edit.Insert(at, port), new Edit.Set(at, "bus", id));
        // Below a port there is slot 0 alone.
        Stream<Edit> slot =
                vfio.plugged().params().has("addr")
                        ? Stream.of(new Edit.Set(at, "addr", "0"))
                        : Stream.empty();
        return Stream.concat(moved, slot).toArray(Edit[]::new);
    }
}
