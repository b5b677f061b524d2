package dev.belfry.vmm.virt;

import dev.belfry.model.journey.Probe;
import dev.belfry.model.pci.Bridge;
import dev.belfry.model.pci.Endpoint;
import dev.belfry.model.pci.EndpointCatalog;
import dev.belfry.model.pci.EndpointSettings;
import dev.belfry.model.pci.HotPlugSlot;
import dev.belfry.model.pci.PciBus;
import dev.belfry.model.pci.PciSegment;
import dev.belfry.model.pci.PortCatalog;
import dev.belfry.model.pci.RootBus;
import dev.belfry.model.pci.RootPort;
import dev.belfry.vmm.cmdline.Quantities;
import dev.belfry.vmm.iommu.PciDevice.Kind;
import dev.belfry.vmm.machine.PciFunction;
import dev.belfry.vmm.machine.PciTopology;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/// Builds the guest's PCI tree as the command line describes it.
final class GuestPci {

    /// Physical Slot Number has 13 bits.
    private static final int MOST_SLOT = 0x1fff;

    private final PciSegment segment;
    private final Map<String, PciBus> buses = new HashMap<>();
    private final List<GuestFunction> functions = new ArrayList<>();
    private final Function<PciFunction.Vfio, Endpoint> vfio;
    private final EndpointSettings settings;

    /// @param probe told of messages that functions mean to send
    /// @param settings of emulated endpoints
    /// @param vfio makes the function that stands for a device of the host
    GuestPci(
            PciTopology topology,
            Probe probe,
            EndpointSettings settings,
            Function<PciFunction.Vfio, Endpoint> vfio) {
        this.segment = new PciSegment(0, probe);
        this.settings = settings;
        this.vfio = vfio;
        for (dev.belfry.vmm.machine.PciBus root : topology.roots()) {
            fill(segment.addRootBus(root.name(), root.number()), root.functions());
        }
        segment.functions()
                .forEach(f -> {
                    if (f instanceof Bridge b) {
                        b.slot().ifPresent(HotPlugSlot::powerOn);
                    }
                });
    }

    PciSegment segment() {
        return segment;
    }

    /// All functions, each bridge before those below it.
    List<GuestFunction> functions() {
        return List.copyOf(functions);
    }

    /// Puts an endpoint onto the bus below a port, and does not tell the guest yet.
    GuestFunction insert(PciFunction endpoint) {
        PciBus bus =
                Optional.ofNullable(buses.get(endpoint.plugged().bus()))
                        .orElseThrow(() -> new IllegalArgumentException("no bus for " + endpoint));
        fill(bus, List.of(endpoint));
        return functions.getLast();
    }

    /// Takes an endpoint out again.
    void takeOut(GuestFunction function) {
        functions.remove(function);
        if (function.hardware().isAttached()) {
            function.hardware().bus().remove(function.hardware().devfn());
        }
    }

    /// The slot that an endpoint is in.
    Optional<HotPlugSlot> slot(GuestFunction function) {
        return segment.functions().stream()
                .filter(f ->
                        f instanceof Bridge b
                                && b.secondary().functions().contains(function.hardware()))
                .findFirst()
                .flatMap(f -> ((Bridge) f).slot());
    }

    private void fill(PciBus bus, List<PciFunction> described) {
        buses.put(bus.name(), bus);
        for (PciFunction f : described) {
            switch (f) {
                case PciFunction.RootComplex _ ->
                        add(bus, f, PortCatalog.hostBridge(), Kind.BRIDGE);
                case PciFunction.Pxb _ -> add(bus, f, PortCatalog.expander(), Kind.BRIDGE);
                case PciFunction.Bridge b -> {
                    Bridge made = bridge(b);
                    add(bus, f, made, Kind.BRIDGE);
                    fill(made.secondary(), b.secondary().functions());
                }
                case PciFunction.Vfio v ->
                        add(
                                bus,
                                f,
                                vfio.apply(v),
                                v.iommufd().isEmpty() ? Kind.VFIO_CONTAINER : Kind.VFIO_IOMMUFD);
                case PciFunction.Emulated e -> add(bus, f, endpoint(bus, e), Kind.EMULATED);
            }
        }
    }

    private void add(
            PciBus bus, PciFunction described, dev.belfry.model.pci.PciFunction made, Kind kind) {
        bus.add(described.plugged().devfn(), made);
        functions.add(new GuestFunction(described, made, kind));
    }

    private static Bridge bridge(PciFunction.Bridge b) {
        Bridge made = port(b, b.secondary().name());
        made.slot().ifPresent(s -> s.describe(b.slot() & MOST_SLOT, b.hotPlug()));
        return made;
    }

    private static Bridge port(PciFunction.Bridge b, String name) {
        return switch (b.kind()) {
            case ROOT_PORT -> {
                RootPort port = PortCatalog.rootPort(name);
                if (Quantities.size(b.plugged().params().get("io-reserve", "1")).orElse(1) == 0) {
                    port.closeIoWindow();
                }
                yield port;
            }
            case UPSTREAM -> PortCatalog.upstream(name);
            case DOWNSTREAM -> PortCatalog.downstream(name);
            case PCI -> PortCatalog.toPci(name);
        };
    }

    private Endpoint endpoint(PciBus bus, PciFunction.Emulated e) {
        String mask = e.plugged().params().get("dma_mask", "");
        EndpointSettings s =
                settings.withOnRootBus(bus instanceof RootBus).withDmaMask(Quantities.number(mask));
        if (e.vectors() > 0 && e.msix()) {
            s = s.withVectors(e.vectors());
        }
        return EndpointCatalog.create(e.plugged().driver(), s)
                .orElseGet(() -> GenericEndpoint.with(e.vectors(), e.msix()));
    }
}
