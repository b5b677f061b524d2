package dev.belfry.model.pci;

import dev.belfry.model.journey.Probe;
import dev.belfry.model.memory.MmioDevice;
import dev.belfry.model.pci.spec.Bdf;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A PCI Express segment: root buses with everything below them, as hardware. Software sees it
/// through [#ecam] and [#memoryWindow]; functions are found by the bus numbers that software wrote.
public final class PciSegment {

    private final int number;
    private final Probe probe;
    private final List<RootBus> roots = new ArrayList<>();
    private final List<PciListener> listeners = new ArrayList<>();
    private final @Nullable PciBus[] byNumber = new PciBus[256];
    private boolean byNumberValid;
    private long generation;

    /// @param number segment number, 0..65535
    /// @param probe told of each message that a function means to send
    public PciSegment(int number, Probe probe) {
        this.number = number;
        this.probe = probe;
    }

    public int number() {
        return number;
    }

    Probe probe() {
        return probe;
    }

    /// Adds a root bus: QEMU's pcie.0, or one of a pxb-pcie with its bus_nr.
    ///
    /// @param busNumber 0..255
    /// @throws IllegalArgumentException when the number is taken
    public RootBus addRootBus(String name, int busNumber) {
        if (busNumber >>> 8 != 0 || roots.stream().anyMatch(r -> r.number() == busNumber)) {
            throw new IllegalArgumentException("no root bus can have number " + busNumber);
        }
        RootBus root = new RootBus(this, name, busNumber);
        roots.add(root);
        topologyChanged();
        return root;
    }

    /// The root buses, in the order in which they were added.
    public List<RootBus> rootBuses() {
        return Collections.unmodifiableList(roots);
    }

    /// All functions, by hierarchy: each bridge is followed by what is below it.
    public List<PciFunction> functions() {
        List<PciFunction> out = new ArrayList<>();
        for (RootBus root : roots) {
            collect(root, out);
        }
        return out;
    }

    private static void collect(PciBus bus, List<PciFunction> out) {
        for (PciFunction f : bus.functions()) {
            out.add(f);
            if (f instanceof Bridge bridge) {
                collect(bridge.secondary(), out);
            }
        }
    }

    /// The function that answers to `bdf` now; none in another segment.
    public Optional<PciFunction> find(Bdf bdf) {
        return bdf.segment() == number
                ? Optional.ofNullable(function(bdf.routingId()))
                : Optional.empty();
    }

    /// Whom to tell of configuration writes, bus numbers and resets of all functions.
    public void addListener(PciListener listener) {
        listeners.add(listener);
    }

    /// Configuration space of all 256 buses: 1 MiB a bus, 4 KiB a function. Reads of absent
    /// functions give all ones.
    public MmioDevice ecam() {
        return ecam(256);
    }

    /// Configuration space of buses 0 up to `buses` - 1.
    public MmioDevice ecam(int buses) {
        return new Ecam(this, buses);
    }

    /// The memory that the host bridge forwards to the segment, at the same addresses: routed by
    /// BARs and bridge windows as software programmed them. Reads that nothing claims give all
    /// ones.
    public MmioDevice memoryWindow(long base, long size) {
        return new MemoryWindow(this, base, size);
    }

    @Nullable PciFunction function(int routingId) {
        PciBus bus = bus((routingId >>> 8) & 0xff);
        return bus == null || !bus.hasPower() ? null : bus.function(routingId & 0xff);
    }

    /// The bus that configuration requests for `busNumber` reach.
    @Nullable PciBus bus(int busNumber) {
        if (!byNumberValid) {
            Arrays.fill(byNumber, null);
            for (int n = 0; n < byNumber.length; n++) {
                byNumber[n] = route(n);
            }
            byNumberValid = true;
        }
        return byNumber[busNumber];
    }

    /// A root bus answers to its own number. Others are tried from the nearest root bus below,
    /// whose range of numbers it is when software kept to the ranges.
    private @Nullable PciBus route(int busNumber) {
        List<RootBus> order = new ArrayList<>(roots);
        order.sort((a, b) -> Integer.compare(b.number(), a.number()));
        for (RootBus root : order) {
            if (root.number() == busNumber) {
                return root;
            }
        }
        for (RootBus root : order) {
            PciBus found = root.number() < busNumber ? below(root, busNumber) : null;
            if (found != null) {
                return found;
            }
        }
        return null;
    }

    private static @Nullable PciBus below(PciBus start, int busNumber) {
        PciBus bus = start;
        while (true) {
            Bridge next = claiming(bus, busNumber);
            if (next == null) {
                return null;
            }
            bus = next.secondary();
            if (bus.number() == busNumber) {
                return bus;
            }
        }
    }

    private static @Nullable Bridge claiming(PciBus bus, int busNumber) {
        for (PciFunction f : bus.functions()) {
            if (f instanceof Bridge bridge && bridge.claimsBus(busNumber)) {
                return bridge;
            }
        }
        return null;
    }

    /// Changes whenever memory decoding may have changed.
    long generation() {
        return generation;
    }

    void decodingChanged() {
        generation++;
    }

    void topologyChanged() {
        byNumberValid = false;
        generation++;
    }

    void busNumbersChanged(Bridge bridge) {
        topologyChanged();
        for (PciListener l : listeners) {
            l.busNumbersChanged(bridge);
        }
    }

    void configWritten(PciFunction function, int offset, int width, long value) {
        for (PciListener l : listeners) {
            l.configWritten(function, offset, width, value);
        }
    }

    void functionReset(PciFunction function) {
        for (PciListener l : listeners) {
            l.functionReset(function);
        }
    }
}
