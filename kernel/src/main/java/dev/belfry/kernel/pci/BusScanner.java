package dev.belfry.kernel.pci;

import dev.belfry.model.pci.spec.ConfigRegister;
import dev.belfry.model.pci.spec.PortType;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Finds functions and numbers buses, depth first: a bridge that firmware numbered sanely keeps its
/// numbers, another gets the next free one (PCIe 7.5.1.3, as `pci_scan_child_bus` does it).
final class BusScanner {

    private static final int LAST_DEVICE = 0xff;

    private final ConfigAccess config;
    private final int segment;
    private final int lastBus;
    private final boolean renumber;
    private final int gap;

    /// @param lastBus last bus of the host bridge
    /// @param renumber ignore the numbers that bridges have
    /// @param gap buses left free below each bridge that is numbered, to force other numbers
    BusScanner(ConfigAccess config, int segment, int lastBus, boolean renumber, int gap) {
        this.config = config;
        this.segment = segment;
        this.lastBus = lastBus;
        this.renumber = renumber;
        this.gap = gap;
    }

    /// @return functions on the root bus, those below as their children
    List<PciFunction> scan(int rootBus) {
        List<PciFunction> found = functionsOn(rootBus, Optional.empty());
        scanBridges(found, rootBus);
        return found;
    }

    /// The functions that answer on a bus, with their BARs.
    ///
    /// @param parent the bridge above; empty on a root bus
    List<PciFunction> functionsOn(int bus, Optional<PciFunction> parent) {
        List<PciFunction> found = new ArrayList<>();
        int devices = parent.isPresent() && isLink(parent.get()) ? 1 : 32;
        for (int device = 0; device < devices; device++) {
            for (int function = 0; function < 8; function++) {
                Optional<PciFunction> here = probe(bus << 8 | device << 3 | function, parent);
                here.ifPresent(found::add);
                boolean more =
                        function == 0 ? here.isPresent() && here.get().isMultiFunction() : true;
                if (!more) {
                    break;
                }
            }
        }
        BarProbe probe = new BarProbe(config);
        found.forEach(probe::probe);
        return found;
    }

    /// A link has one device at its other end.
    private static boolean isLink(PciFunction bridge) {
        return bridge.portType()
                .filter(type ->
                        type == PortType.ROOT_PORT
                                || type == PortType.SWITCH_DOWNSTREAM_PORT
                                || type == PortType.PCI_TO_PCIE_BRIDGE)
                .isPresent();
    }

    private Optional<PciFunction> probe(int routingId, Optional<PciFunction> parent) {
        int id = config.read(routingId, ConfigRegister.VENDOR_ID.offset(), 4);
        if (id == -1 || id == 0 || (id & 0xffff) == 0xffff) {
            return Optional.empty();
        }
        int type = config.read(routingId, ConfigRegister.HEADER_TYPE);
        PciFunction function =
                new PciFunction(segment, routingId, parent, config.space(routingId), type);
        return Optional.of(function);
    }

    /// Bridges with numbers first, so that none of theirs is given away; then the others.
    ///
    /// @return the last bus below
    private int scanBridges(List<PciFunction> functions, int bus) {
        int max = bus;
        List<PciFunction> unnumbered = new ArrayList<>();
        for (PciFunction function : functions) {
            if (!function.isBridge()) {
                continue;
            }
            int secondary = config.read(function.routingId(), ConfigRegister.SECONDARY_BUS_NUMBER);
            int subordinate =
                    config.read(function.routingId(), ConfigRegister.SUBORDINATE_BUS_NUMBER);
            boolean sane =
                    !renumber
                            && secondary > bus
                            && secondary > max
                            && subordinate >= secondary
                            && subordinate <= lastBus;
            if (sane) {
                int last = scanBelow(function, secondary);
                max = Math.max(max, Math.max(subordinate, last));
                setSubordinate(function, Math.max(subordinate, last));
            } else {
                // Until it has numbers it must not answer for buses that others get.
                config.write(
                        function.routingId(), ConfigRegister.PRIMARY_BUS_NUMBER.offset(), 4, 0);
                unnumbered.add(function);
            }
        }
        for (PciFunction function : unnumbered) {
            max = number(function, bus, max);
        }
        return max;
    }

    private int number(PciFunction bridge, int bus, int max) {
        int secondary = max + 1 + gap;
        if (secondary > lastBus) {
            return max;
        }
        // Subordinate is open until it is known how far the buses below go.
        long numbers = bus | secondary << 8 | (long) LAST_DEVICE << 16;
        config.write(bridge.routingId(), ConfigRegister.PRIMARY_BUS_NUMBER.offset(), 4, numbers);
        int last = scanBelow(bridge, secondary);
        setSubordinate(bridge, last);
        return last;
    }

    private int scanBelow(PciFunction bridge, int secondary) {
        bridge.setBuses(secondary, secondary);
        List<PciFunction> below = functionsOn(secondary, Optional.of(bridge));
        below.forEach(bridge::addChild);
        return scanBridges(below, secondary);
    }

    private void setSubordinate(PciFunction bridge, int last) {
        bridge.setBuses(bridge.secondaryBus(), last);
        int id = bridge.routingId();
        if (config.read(id, ConfigRegister.SUBORDINATE_BUS_NUMBER) != last) {
            config.write(id, ConfigRegister.SUBORDINATE_BUS_NUMBER, last);
        }
    }
}
