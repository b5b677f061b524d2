package dev.belfry.vmm.reader;

import dev.belfry.vmm.cmdline.Edit;
import dev.belfry.vmm.machine.NumaNode;
import dev.belfry.vmm.machine.PciFunction;
import dev.belfry.vmm.machine.Phase;
import dev.belfry.vmm.machine.Problem;
import dev.belfry.vmm.machine.Problems;
import dev.belfry.vmm.machine.Severity;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/// The properties of bridges and of pxb-pcie.
final class PciBridges {

    /// What a pxb-pcie says.
    ///
    /// @param busNumber of its root bus
    /// @param numaNode of the devices behind it
    /// @param bypassIommu whether the machine's SMMU leaves it alone
    record Expander(int busNumber, OptionalInt numaNode, boolean bypassIommu) {}

    private final Problems problems;
    private final Map<Integer, DeviceDraft> slots = new HashMap<>();

    PciBridges(Problems problems) {
        this.problems = problems;
    }

    /// Whether the bridge can be made; its properties are checked on the way.
    boolean accepts(DeviceDraft device, PciFunction.BridgeKind kind) {
        return switch (kind) {
            case PCI, UPSTREAM -> true;
            case ROOT_PORT, DOWNSTREAM -> slotIsFree(device);
        };
    }

    int chassis(DeviceDraft device) {
        return new Properties(device, problems).integer("chassis", 0, 255, 0);
    }

    int slot(DeviceDraft device) {
        return new Properties(device, problems).integer("slot", 0, 65535, 0);
    }

    /// Chassis and slot number together must be unique among ports.
    private boolean slotIsFree(DeviceDraft device) {
        Properties properties = new Properties(device, problems);
        int chassis = properties.integer("chassis", 0, 255, 0);
        int slot = properties.integer("slot", 0, 65535, 0);
        DeviceDraft other = slots.putIfAbsent(chassis << 16 | slot, device);
        if (other == null) {
            return true;
        }
        problems.add(
                device.order(),
                Problem.error(
                                "PORT-CHASSIS",
                                Phase.REALIZE,
                                device.at("chassis"),
                                "Can't add chassis slot, error -16: chassis "
                                        + chassis
                                        + " slot "
                                        + slot
                                        + " is that of "
                                        + (other.id().isEmpty() ? other.driver() : other.id())
                                        + " at "
                                        + other.at())
                        .because(
                                "chassis and slot number name a slot; both are 0 unless given",
                                "QEMU hw/pci/pcie_port.c, pcie_chassis_add_slot")
                        .fix("write chassis=" + freeChassis())
                        .repair(new Edit.Set(device.at(), "chassis", freeChassis())));
        return false;
    }

    String freeChassis() {
        int free = 1;
        while (slots.containsKey(free << 16)) {
            free++;
        }
        return Integer.toString(Math.min(free, 255));
    }

    Expander expander(DeviceDraft device) {
        Properties properties = new Properties(device, problems);
        return new Expander(
                properties.integer("bus_nr", 0, 255, 0),
                properties.integer("numa_node", 0, 65535),
                properties.bool("bypass_iommu", false));
    }

    /// What an expander says once it has its place.
    void complain(DeviceDraft device, Expander expander, List<NumaNode> numa) {
        OptionalInt node = expander.numaNode();
        if (expander.busNumber() == 0) {
            problems.add(
                    device.order(),
                    Problem.of(
                                    Severity.WARNING,
                                    "PXB-BUS-NR-ZERO",
                                    Phase.REALIZE,
                                    device.at("bus_nr"),
                                    "bus_nr is 0, which is the number of pcie.0: the guest"
                                            + " cannot reach what is behind this pxb-pcie")
                            .because(
                                    "configuration accesses to bus 0 go to pcie.0",
                                    "QEMU hw/pci-bridge/pci_expander_bridge.c")
                            .fix(
                                    "write bus_nr=128, or another one with room for the buses behind it")
                            .repair(new Edit.Set(device.at(), "bus_nr", "128")));
        }
        boolean known = numa.stream().anyMatch(n -> n.id() == node.orElse(-1));
        if (node.isPresent() && !known) {
            problems.add(
                    device.order(),
                    Problem.error(
                                    "PXB-NUMA",
                                    Phase.REALIZE,
                                    device.at("numa_node"),
                                    "Illegal numa node " + node.getAsInt())
                            .fix("remove numa_node=, or add -numa node,nodeid=" + node.getAsInt())
                            .repair(new Edit.Remove(device.at(), "numa_node")));
        }
    }

    /// Not refused by QEMU: a port's link has room for device 0 only, unless the device knows ARI.
    void slotBelowPort(DeviceDraft device, int slot, String bus) {
        problems.add(
                device.order(),
                Problem.of(
                                Severity.WARNING,
                                "PORT-SLOT",
                                Phase.REALIZE,
                                device.at("addr"),
                                "PCI: slot "
                                        + slot
                                        + " is not valid on "
                                        + bus
                                        + ", parent device only allows plugging into slot 0")
                        .because(
                                "without ARI the guest looks at device 0 only",
                                "PCIe base specification, 7.3.1")
                        .fix(
                                "remove addr=, or give it a port of its own: -device"
                                        + " pcie-root-port,id=…,bus=…,chassis="
                                        + freeChassis())
                        .repair(new Edit.Remove(device.at(), "addr")));
    }
}
