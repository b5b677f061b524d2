package dev.belfry.kernel.pci;

import dev.belfry.model.pci.spec.Bar;
import dev.belfry.model.pci.spec.BridgeWindow;
import dev.belfry.model.pci.spec.ConfigRegister;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/// Places BARs of functions that came while the system runs: in what their bridge forwards already,
/// since its neighbours are in use. What firmware set aside for a slot is all there is.
final class LatePlacement {

    private final ConfigAccess config;
    private final List<HostWindow> windows;

    /// @param windows the host bridge's
    LatePlacement(ConfigAccess config, List<HostWindow> windows) {
        this.config = config;
        this.windows = windows;
    }

    /// Places them, the largest first.
    ///
    /// @param bridge above them
    /// @return BARs for which there was no room
    List<BarResource> place(PciFunction bridge, List<PciFunction> functions) {
        Forwarded memory = new Forwarded(memoryWindow(bridge));
        Forwarded prefetchable = new Forwarded(prefetchableWindow(bridge));
        List<BarResource> left = new ArrayList<>();
        for (PciFunction f : functions) {
            List<BarResource> bars = new ArrayList<>(f.bars());
            bars.sort(Comparator.comparingLong(BarResource::size).reversed());
            for (BarResource bar : bars) {
                boolean high = bar.kind() == Bar.Kind.MEMORY_64 && bar.prefetchable();
                Optional<Long> at =
                        bar.kind() == Bar.Kind.IO
                                ? Optional.empty()
                                : high
                                        ? prefetchable.take(bar).or(() -> memory.take(bar))
                                        : memory.take(bar);
                boolean done = at.isPresent() && place(f, bar, at.get());
                if (!done && bar.kind() != Bar.Kind.IO) {
                    bar.unplace();
                    left.add(bar);
                }
            }
        }
        return left;
    }

    private boolean place(PciFunction function, BarResource bar, long pci) {
        Optional<HostWindow> window =
                windows.stream()
                        .filter(w -> w.space() != HostWindow.Space.IO && w.containsPci(pci))
                        .findFirst();
        window.ifPresent(w -> {
            bar.place(pci, w.toCpu(pci));
            ResourceAssigner.writeBar(config, function.routingId(), bar);
        });
        return window.isPresent();
    }

    private BridgeWindow memoryWindow(PciFunction bridge) {
        int id = bridge.routingId();
        return BridgeWindow.memory(
                config.read(id, ConfigRegister.MEMORY_BASE),
                config.read(id, ConfigRegister.MEMORY_LIMIT));
    }

    private BridgeWindow prefetchableWindow(PciFunction bridge) {
        int id = bridge.routingId();
        return BridgeWindow.prefetchable(
                config.read(id, ConfigRegister.PREFETCHABLE_MEMORY_BASE),
                config.read(id, ConfigRegister.PREFETCHABLE_MEMORY_LIMIT),
                config.read(id, ConfigRegister.PREFETCHABLE_BASE_UPPER),
                config.read(id, ConfigRegister.PREFETCHABLE_LIMIT_UPPER));
    }

    /// One window of a bridge, filled from its beginning.
    private static final class Forwarded {
        private final BridgeWindow window;
        private long next;

        Forwarded(BridgeWindow window) {
            this.window = window;
            this.next = window.base();
        }

        Optional<Long> take(BarResource bar) {
            long at = (next + bar.size() - 1) & -bar.size();
            boolean fits = window.limit() >= at && window.limit() - at >= bar.size() - 1;
            if (!fits || window.base() > window.limit()) {
                return Optional.empty();
            }
            next = at + bar.size();
            return Optional.of(at);
        }
    }
}
