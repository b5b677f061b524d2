package dev.belfry.vmm.virt;

import dev.belfry.model.journey.Probe;
import dev.belfry.model.pci.Bridge;
import dev.belfry.model.pci.Endpoint;
import dev.belfry.model.pci.EndpointCatalog;
import dev.belfry.model.pci.EndpointSettings;
import dev.belfry.model.pci.PciBus;
import dev.belfry.model.pci.PciSegment;
import dev.belfry.model.pci.PortCatalog;
import dev.belfry.model.pci.RootBus;
import dev.belfry.vmm.iommu.PciDevice.Kind;
import dev.belfry.vmm.machine.PciFunction;
import dev.belfry.vmm.machine.PciTopology;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/// Builds the guest's PCI tree as the command line describes it.
final class GuestPci {

    private final PciSegment segment;
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
    }

    PciSegment segment() {
        return segment;
    }

    /// All functions, each bridge before those below it.
    List<GuestFunction> functions() {
        return List.copyOf(functions);
    }

    private void fill(PciBus bus, List<PciFunction> described) {
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
        String name = b.secondary().name();
        return switch (b.kind()) {
            case ROOT_PORT -> PortCatalog.rootPort(name);
            case UPSTREAM -> PortCatalog.upstream(name);
            case DOWNSTREAM -> PortCatalog.downstream(name);
            case PCI -> PortCatalog.toPci(name);
        };
    }

    private Endpoint endpoint(PciBus bus, PciFunction.Emulated e) {
        EndpointSettings s = settings.withOnRootBus(bus instanceof RootBus);
        if (e.vectors() > 0 && e.msix()) {
            s = s.withVectors(e.vectors());
        }
        return EndpointCatalog.create(e.plugged().driver(), s)
                .orElseGet(() -> GenericEndpoint.with(e.vectors(), e.msix()));
    }
}
