package dev.belfry.vmm.reader;

import dev.belfry.vmm.cmdline.Edit;
import dev.belfry.vmm.cmdline.Params;
import dev.belfry.vmm.cmdline.Position;
import dev.belfry.vmm.machine.NumaNode;
import dev.belfry.vmm.machine.PciAddress;
import dev.belfry.vmm.machine.PciBus;
import dev.belfry.vmm.machine.PciFunction;
import dev.belfry.vmm.machine.PciTopology;
import dev.belfry.vmm.machine.Phase;
import dev.belfry.vmm.machine.Plugged;
import dev.belfry.vmm.machine.Problem;
import dev.belfry.vmm.machine.Problems;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Function;

/// Puts PCI functions on buses as QEMU does it: first free slot unless `addr=` says otherwise.
final class PciBuilder {

    private static final int DEEPEST = 255;
    private static final String PLACE_SOURCE = "QEMU hw/pci/pci.c, do_pci_register_device";

    private final Problems problems;
    private final Map<String, BusDraft> buses = new LinkedHashMap<>();
    private final PciBridges bridges;
    private final Map<String, Integer> unnamed = new HashMap<>();
    private Optional<String> onRoot = Optional.empty();

    PciBuilder(boolean defaultBusBypassesIommu, Position start, Problems problems) {
        this.problems = problems;
        this.bridges = new PciBridges(problems);
        BusDraft root =
                new BusDraft(
                        "pcie.0",
                        PciBus.Kind.ROOT,
                        0,
                        OptionalInt.empty(),
                        defaultBusBypassesIommu,
                        BusDraft.Below.INSIDE);
        buses.put(root.name, root);
        Plugged bridge =
                new Plugged("", "gpex-root", -1, root.name, 0, 0, false, Params.NONE, start);
        root.slots.put(0, new BusDraft.Taken(bridge, PciFunction.RootComplex::new));
    }

    /// Adds an endpoint.
    void endpoint(DeviceDraft device, Function<Plugged, PciFunction> make) {
        bus(device).ifPresent(bus -> place(device, bus, false, make));
    }

    /// Adds a bridge and the bus below it.
    void bridge(DeviceDraft device, PciFunction.BridgeKind kind) {
        Optional<BusDraft> bus = bus(device);
        if (bus.isEmpty() || !bridges.accepts(device, kind)) {
            return;
        }
        BusDraft below =
                new BusDraft(
                        nameOf(device, kind == PciFunction.BridgeKind.PCI ? "pci" : "pcie"),
                        PciBus.Kind.BRIDGE,
                        -1,
                        OptionalInt.empty(),
                        false,
                        BusDraft.Below.of(device, kind));
        below.depth = bus.get().depth + 1;
        if (below.depth > DEEPEST) {
            refuse(
                    device,
                    "PCI-DEPTH",
                    "bus",
                    "there are more bridges above this one than PCI has bus numbers",
                    "put it on a bus nearer to pcie.0");
            return;
        }
        int chassis = bridges.chassis(device);
        int slot = bridges.slot(device);
        if (place(
                device,
                bus.get(),
                true,
                p -> new PciFunction.Bridge(p, kind, chassis, slot, below.freeze()))) {
            buses.putIfAbsent(below.name, below);
            if (bus.get().name.equals("pcie.0")) {
                onRoot = onRoot.or(() -> Optional.of(below.name));
            }
        }
    }

    /// Adds a pxb-pcie and its root bus.
    void pxb(DeviceDraft device, List<NumaNode> numa) {
        Optional<BusDraft> bus = bus(device);
        if (bus.isEmpty()) {
            return;
        }
        if (bus.get().kind == PciBus.Kind.BRIDGE) {
            refuse(
                    device,
                    "PXB-BUS",
                    "bus",
                    "PXB devices can be attached only to root bus",
                    "write bus=pcie.0",
                    new Edit.Set(device.at(), "bus", "pcie.0"));
            return;
        }
        PciBridges.Expander expander = bridges.expander(device);
        BusDraft below =
                new BusDraft(
                        nameOf(device, "pxb-pcie-bus"),
                        PciBus.Kind.PXB,
                        expander.busNumber(),
                        expander.numaNode(),
                        expander.bypassIommu(),
                        BusDraft.Below.INSIDE);
        if (!place(device, bus.get(), false, p -> new PciFunction.Pxb(p, below.freeze()))) {
            return;
        }
        bridges.complain(device, expander, numa);
        usedBy(below.number)
                .ifPresent(other ->
                        refuse(
                                device,
                                "PXB-BUS-NR",
                                "bus_nr",
                                "Bus " + below.number + " is already in use by " + other,
                                "write bus_nr=" + freeNumber(),
                                new Edit.Set(device.at(), "bus_nr", freeNumber())));
        buses.putIfAbsent(below.name, below);
    }

    /// Buses below bridges have number 0 until firmware gives them one.
    private Optional<String> usedBy(int number) {
        Optional<String> expander =
                buses.values().stream()
                        .filter(b -> b.kind == PciBus.Kind.PXB && b.number == number)
                        .map(b -> b.name)
                        .findFirst();
        return number == 0 ? expander.or(() -> onRoot) : expander;
    }

    PciTopology topology() {
        return new PciTopology(
                buses.values().stream()
                        .filter(b -> b.kind != PciBus.Kind.BRIDGE)
                        .map(BusDraft::freeze)
                        .toList());
    }

    /// Without `bus=`, QEMU searches from the newest host bridge on: the last pxb-pcie, if any.
    private Optional<BusDraft> bus(DeviceDraft device) {
        String name = device.params().get("bus", "");
        if (!device.params().has("bus")) {
            return buses.values().stream()
                    .filter(b -> b.kind != PciBus.Kind.BRIDGE)
                    .reduce((first, second) -> second);
        }
        String last = name.substring(name.lastIndexOf('/') + 1);
        return Optional.ofNullable(buses.get(last));
    }

    /// Looks for the bus that a device names: QEMU does so before it makes the device.
    void lookUp(DeviceDraft device) {
        String name = device.params().get("bus", "");
        String last = name.substring(name.lastIndexOf('/') + 1);
        if (device.params().has("bus") && !buses.containsKey(last)) {
            problems.add(
                    device.order(),
                    Problem.error(
                                    "BUS-UNKNOWN",
                                    Phase.DEVICE_ADD,
                                    device.at("bus"),
                                    "Bus '" + name + "' not found")
                            .because("", "QEMU system/qdev-monitor.c, qbus_find")
                            .fix(
                                    problems.nearest("BUS-UNKNOWN", last, buses::keySet)
                                            .map(n -> "did you mean bus=" + n + "?")
                                            .orElse(
                                                    "a bus must be made by an option before it is"
                                                            + " used")));
        }
    }

    private boolean place(
            DeviceDraft device,
            BusDraft bus,
            boolean isBridge,
            Function<Plugged, PciFunction> make) {
        if (bus.kind == PciBus.Kind.PXB && !isBridge) {
            refuse(
                    device,
                    "PXB-ENDPOINT",
                    device.params().has("bus") ? "bus" : "driver",
                    "PCI: Only PCI/PCIe bridges can be plugged into pxb-pcie '" + bus.name + "'",
                    device.params().has("bus")
                            ? "write " + port(bus)
                            : "without bus= it goes to the last pxb-pcie: write bus=pcie.0",
                    device.params().has("bus")
                            ? portEdits(device, bus)
                            : new Edit[] {new Edit.Set(device.at(), "bus", "pcie.0")});
            return false;
        }
        OptionalInt devfn = slot(device, bus);
        if (devfn.isEmpty()) {
            return false;
        }
        Plugged plugged =
                new Plugged(
                        device.id(),
                        device.driver(),
                        device.order(),
                        bus.name,
                        devfn.getAsInt() >> 3,
                        devfn.getAsInt() & 7,
                        new Properties(device, problems).bool("multifunction", false),
                        device.params(),
                        device.at());
        if (!functionFits(device, bus, plugged)) {
            return false;
        }
        bus.slots.put(plugged.devfn(), new BusDraft.Taken(plugged, make));
        return true;
    }

    private OptionalInt slot(DeviceDraft device, BusDraft bus) {
        Optional<String> addr = device.params().get("addr");
        OptionalInt asked = addr.map(PciAddress::devfn).orElse(OptionalInt.empty());
        if (addr.isPresent() && asked.isEmpty()) {
            return asked; // a value that the property does not take
        }
        OptionalInt devfn = asked.isPresent() ? asked : firstFree(bus);
        BusDraft.Taken taken = bus.slots.get(devfn.orElse(-1));
        if (devfn.isEmpty() || taken != null) {
            refuse(
                    device,
                    "PCI-SLOT",
                    "addr",
                    taken == null
                            ? "PCI: no slot/function available for "
                                    + device.driver()
                                    + ", all in use or reserved"
                            : String.format(
                                    "PCI: slot %d function %d not available for %s, in use by"
                                            + " %s,id=%s",
                                    devfn.getAsInt() >> 3,
                                    devfn.getAsInt() & 7,
                                    device.driver(),
                                    taken.plugged().driver(),
                                    taken.plugged().id().isEmpty()
                                            ? "(null)"
                                            : taken.plugged().id()),
                    firstFree(bus).isPresent()
                            ? "remove addr=, so that QEMU takes a free slot"
                            : "put it on another bus",
                    firstFree(bus).isPresent() && addr.isPresent()
                            ? new Edit[] {new Edit.Remove(device.at(), "addr")}
                            : new Edit[0]);
            return OptionalInt.empty();
        }
        if (bus.below == BusDraft.Below.SHPC && devfn.getAsInt() < 8) {
            refuse(
                    device,
                    "PCI-SLOT",
                    "addr",
                    "Unsupported PCI slot 0 for standard hotplug controller. Valid slots are between"
                            + " 1 and 31.",
                    "write addr=1",
                    new Edit.Set(device.at(), "addr", "1"));
            return OptionalInt.empty();
        }
        return devfn;
    }

    private static OptionalInt firstFree(BusDraft bus) {
        for (int devfn = 0; devfn < 256; devfn += 8) {
            if (!bus.slots.containsKey(devfn)) {
                return OptionalInt.of(devfn);
            }
        }
        return OptionalInt.empty();
    }

    /// A slot either has function 0 marked as multifunction, or nothing but function 0.
    private boolean functionFits(DeviceDraft device, BusDraft bus, Plugged plugged) {
        int slot = plugged.device();
        BusDraft.Taken zero = bus.slots.get(slot << 3);
        if (plugged.function() != 0) {
            if (zero != null && !zero.plugged().multifunction()) {
                refuse(
                        device,
                        "PCI-MULTIFUNCTION",
                        "addr",
                        String.format(
                                "PCI: single function device can't be populated in function %x.%x",
                                slot, plugged.function()),
                        "add multifunction=on to " + zero.plugged().label(),
                        new Edit.Set(zero.plugged().at(), "multifunction", "on"));
                return false;
            }
        } else if (!plugged.multifunction()
                && !bus.slots.subMap((slot << 3) + 1, (slot + 1) << 3).isEmpty()) {
            refuse(
                    device,
                    "PCI-MULTIFUNCTION",
                    "addr",
                    String.format(
                            "PCI: %x.0 indicates single function, but %x.%x is already populated.",
                            slot,
                            slot,
                            bus.slots.subMap((slot << 3) + 1, (slot + 1) << 3).firstKey() & 7),
                    "add multifunction=on",
                    new Edit.Set(device.at(), "multifunction", "on"));
            return false;
        }
        if (slot != 0 && bus.below == BusDraft.Below.LINK) {
            bridges.slotBelowPort(device, slot, bus.name);
        }
        return true;
    }

    /// Buses of bridges without id are numbered by kind. A port's first is called `pcie.0` too, and
    /// whoever asks for that gets the root bus.
    private String nameOf(DeviceDraft device, String otherwise) {
        return device.id().isEmpty()
                ? otherwise + "." + (unnamed.merge(otherwise, 1, Integer::sum) - 1)
                : device.id();
    }

    private String freeNumber() {
        int highest = buses.values().stream().mapToInt(b -> b.number).max().orElse(0);
        int next = (highest | 7) + 1;
        return Integer.toString(next < 256 ? next : 255);
    }

    /// A port of a root bus that has nothing on it yet.
    private Optional<String> freePort(BusDraft root) {
        return root.slots.values().stream()
                .map(t -> buses.get(t.plugged().id()))
                .filter(b -> b != null && b.below == BusDraft.Below.LINK && b.slots.isEmpty())
                .map(b -> b.name)
                .findFirst();
    }

    private String newPort(BusDraft root) {
        return "-device pcie-root-port,id=%s,bus=%s,chassis=%s"
                .formatted(portName(), root.name, bridges.freeChassis());
    }

    private String portName() {
        int n = 1;
        while (buses.containsKey("port" + n)) {
            n++;
        }
        return "port" + n;
    }

    private String port(BusDraft root) {
        return freePort(root)
                .map(p -> "bus=" + p + ", which is a port of " + root.name)
                .orElseGet(() -> newPort(root) + " in front of it, and bus=" + portName());
    }

    private Edit[] portEdits(DeviceDraft device, BusDraft root) {
        return freePort(root)
                .map(p -> new Edit[] {new Edit.Set(device.at(), "bus", p)})
                .orElseGet(() ->
                        new Edit[] {
                            new Edit.Insert(device.at(), newPort(root)),
                            new Edit.Set(device.at(), "bus", portName())
                        });
    }

    private void refuse(
            DeviceDraft device,
            String rule,
            String key,
            String message,
            String fix,
            Edit... edits) {
        Position at = key.equals("driver") ? device.at() : device.at(key);
        problems.add(
                device.order(),
                Problem.error(rule, Phase.REALIZE, at, message)
                        .because("", PLACE_SOURCE)
                        .fix(fix)
                        .repair(edits));
    }
}
