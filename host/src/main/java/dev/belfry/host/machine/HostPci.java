package dev.belfry.host.machine;

import dev.belfry.host.description.BarDescription;
import dev.belfry.host.description.DeviceDescription;
import dev.belfry.kernel.pci.HostWindow;
import dev.belfry.model.fabric.DmaFabric;
import dev.belfry.model.journey.Probe;
import dev.belfry.model.pci.AssignedDevice;
import dev.belfry.model.pci.AssignedDevice.BarSize;
import dev.belfry.model.pci.Endpoint;
import dev.belfry.model.pci.FunctionIdentity;
import dev.belfry.model.pci.PciFunction;
import dev.belfry.model.pci.PciSegment;
import dev.belfry.model.pci.RootBus;
import dev.belfry.model.pci.spec.Bar;
import dev.belfry.model.pci.spec.Bdf;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The host's PCI segments with their functions.
final class HostPci {

    /// The MSI-X table stays clear of the registers at the beginning of BAR0.
    private static final long TABLE_IN_BAR0 = 0x1000;

    private final HostMachine machine;
    private final Probe probe;
    private final Map<Integer, PciSegment> segments = new LinkedHashMap<>();
    private final List<Root> roots = new ArrayList<>();
    private final Map<Bdf, Endpoint> functions = new LinkedHashMap<>();

    /// A root bus.
    ///
    /// @param segment where it is
    /// @param bus the bus itself
    /// @param port its way to memory
    /// @param bridge what firmware says of it
    private record Root(PciSegment segment, RootBus bus, RequesterPort port, HostBridge bridge) {}

    HostPci(HostMachine machine, List<DeviceDescription> devices, Probe probe) {
        this.machine = machine;
        this.probe = probe;
        devices.forEach(this::add);
        for (PciSegment segment : segments.values()) {
            int index = List.copyOf(segments.keySet()).indexOf(segment.number());
            machine.memory()
                    .addDevice(
                            "ECAM of segment " + segment.number(),
                            PciLayout.ecam(index),
                            segment.ecam());
        }
        roots.forEach(HostPci::addPhysicalFunctions);
        roots.forEach(this::mapWindows);
    }

    /// A device answers at function 0, or software does not look for its other functions: where
    /// only others are described, as virtual functions are, an idle physical function is put there.
    private static void addPhysicalFunctions(Root root) {
        for (PciFunction f : List.copyOf(root.bus.functions())) {
            int function0 = f.devfn() & ~7;
            if (root.bus.at(function0).isEmpty()) {
                FunctionIdentity of = f.identity();
                root.bus.add(
                        function0,
                        new Endpoint(
                                FunctionIdentity.of(
                                        of.vendorId(), of.deviceId(), of.classCode(), 1),
                                true));
            }
        }
    }

    private void mapWindows(Root root) {
        for (HostWindow w : root.bridge.windows()) {
            machine.memory()
                    .addDevice(
                            "BARs of " + root.bus.name(),
                            w.cpuBase(),
                            root.segment.memoryWindow(w.cpuBase(), w.size()));
        }
    }

    List<HostBridge> bridges() {
        return roots.stream().map(Root::bridge).toList();
    }

    Optional<Endpoint> function(Bdf bdf) {
        return Optional.ofNullable(functions.get(bdf));
    }

    private void add(DeviceDescription d) {
        int number = d.bdf().segment();
        PciSegment segment = segments.computeIfAbsent(number, n -> new PciSegment(n, probe));
        Endpoint endpoint = create(d);
        Root root = root(segment, d.bdf().bus());
        root.bus.add(d.bdf().devfn(), endpoint);
        root.port.put(d.bdf().routingId(), fabric(d));
        endpoint.pin().ifPresent(p -> p.connect(machine.intx(d)));
        functions.put(d.bdf(), endpoint);
    }

    private Root root(PciSegment segment, int bus) {
        for (Root root : roots) {
            if (root.segment.equals(segment) && root.bus.number() == bus) {
                return root;
            }
        }
        int index = List.copyOf(segments.keySet()).indexOf(segment.number());
        HostBridge bridge = PciLayout.bridge(segment.number(), index, bus, roots.size());
        RequesterPort port = new RequesterPort(machine.signal());
        RootBus made =
                segment.addRootBus(String.format("pci%04x:%02x", segment.number(), bus), bus);
        made.setDma(port);
        Root root = new Root(segment, made, port, bridge);
        roots.add(root);
        return root;
    }

    private DmaFabric fabric(DeviceDescription d) {
        return new DmaFabric(
                Optional.of(machine.smmuOf(d)),
                requester -> d.streamId(),
                requester -> d.itsDeviceId(),
                machine.memory(),
                machine.doorbells(),
                probe);
    }

    private static Endpoint create(DeviceDescription d) {
        return new AssignedDevice(
                        FunctionIdentity.of(d.vendorId(), d.deviceId(), d.classCode(), 1),
                        d.bars().stream().map(HostPci::bar).toList(),
                        d.msixVectors(),
                        d.msixBar(),
                        d.msixBar() == 0 ? TABLE_IN_BAR0 : 0,
                        d.msiVectors(),
                        d.pin(),
                        d.pasidBits(),
                        d.ats(),
                        d.pri())
                .create();
    }

    private static BarSize bar(BarDescription b) {
        Bar.Kind kind = b.wide() ? Bar.Kind.MEMORY_64 : Bar.Kind.MEMORY_32;
        return new BarSize(b.index(), kind, b.prefetchable(), b.size());
    }
}
