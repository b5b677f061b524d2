package dev.belfry.kernel.pci;

import dev.belfry.model.pci.spec.Bdf;
import dev.belfry.model.pci.spec.ConfigSpace;
import dev.belfry.model.pci.spec.ExpressCapability;
import dev.belfry.model.pci.spec.PortType;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/// A function that was found.
public final class PciFunction {

    private final int segment;
    private final Optional<PciFunction> parent;
    private final int devfn;
    private final ConfigSpace identity;
    private final boolean bridge;
    private final boolean multiFunction;
    private final Optional<PortType> portType;
    private final List<BarResource> bars = new ArrayList<>();
    private final List<PciFunction> children = new ArrayList<>();
    private int bus;
    private int secondaryBus;
    private int subordinateBus;

    PciFunction(
            int segment, int routingId, Optional<PciFunction> parent, ConfigSpace space, int type) {
        this.segment = segment;
        this.bus = routingId >>> 8;
        this.devfn = routingId & 0xff;
        this.parent = parent;
        this.identity = space;
        this.bridge = (type & 0x7f) == 1;
        this.multiFunction = (type & 0x80) != 0;
        this.portType = space.express().map(ExpressCapability::type);
    }

    /// Where it is now.
    public Bdf bdf() {
        return Bdf.of(segment, routingId());
    }

    /// Its 16-bit requester id now.
    public int routingId() {
        return bus << 8 | devfn;
    }

    /// Its configuration space, at the place where it was found.
    public ConfigSpace space() {
        return identity;
    }

    /// Whether its header is Type 1.
    public boolean isBridge() {
        return bridge;
    }

    /// Whether its device has several functions.
    public boolean isMultiFunction() {
        return multiFunction;
    }

    /// Its PCI Express port type; empty for a conventional function.
    public Optional<PortType> portType() {
        return portType;
    }

    /// The bridge above; empty on a root bus.
    public Optional<PciFunction> parent() {
        return parent;
    }

    /// Functions on the secondary bus.
    public List<PciFunction> children() {
        return Collections.unmodifiableList(children);
    }

    /// BARs, in index order.
    public List<BarResource> bars() {
        return Collections.unmodifiableList(bars);
    }

    /// BAR `index`.
    public Optional<BarResource> bar(int index) {
        return bars.stream().filter(b -> b.index() == index).findFirst();
    }

    /// A bridge's secondary bus.
    public int secondaryBus() {
        return secondaryBus;
    }

    /// The last bus below a bridge.
    public int subordinateBus() {
        return subordinateBus;
    }

    /// The requester ids that its transactions may carry, its own first; the last is what reaches
    /// the root: a PCIe to PCI bridge takes ownership with its secondary bus and devfn 0, a
    /// conventional bridge with its own id.
    public List<Integer> requesterIds() {
        List<Integer> ids = new ArrayList<>();
        ids.add(routingId());
        Optional<PciFunction> up = parent;
        while (up.isPresent()) {
            PciFunction above = up.get();
            if (above.portType.isEmpty()) {
                ids.add(above.routingId());
            } else if (above.portType.get() == PortType.PCIE_TO_PCI_BRIDGE) {
                ids.add(above.secondaryBus << 8);
            }
            up = above.parent;
        }
        return ids;
    }

    void addBar(BarResource bar) {
        bars.add(bar);
    }

    void addChild(PciFunction child) {
        children.add(child);
    }

    void removeChild(PciFunction child) {
        children.remove(child);
    }

    void setBuses(int secondary, int subordinate) {
        secondaryBus = secondary;
        subordinateBus = subordinate;
    }
}
