package dev.belfry.lab.explain;

import dev.belfry.model.pci.spec.Bdf;
import dev.belfry.model.pci.spec.ConfigSpace;
import dev.belfry.model.pci.spec.PortType;
import dev.belfry.model.system.SystemView.Function;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The PCI hierarchy, as bridges' bus numbers tell it.
final class Topology {

    private final Map<Bdf, ConfigSpace> functions = new LinkedHashMap<>();
    private final Map<Integer, Bdf> bridgeOf = new LinkedHashMap<>();

    private final boolean severalSegments;
    private final Map<Bdf, String> names = new HashMap<>();

    Topology(List<Function> all) {
        severalSegments = all.stream().map(f -> f.bdf().segment()).distinct().count() > 1;
        all.forEach(f -> names.put(f.bdf(), spelled(f.bdf())));
        for (Function f : all) {
            ConfigSpace config = ConfigSpace.of(f.config());
            functions.put(f.bdf(), config);
            if (config.headerType().isBridge() && config.secondaryBus() > f.bdf().bus()) {
                bridgeOf.putIfAbsent(key(f.bdf().segment(), config.secondaryBus()), f.bdf());
            }
        }
    }

    private static int key(int segment, int bus) {
        return segment << 8 | bus;
    }

    /// A function's configuration space.
    ConfigSpace config(Bdf bdf) {
        return Optional.ofNullable(functions.get(bdf)).orElse(ConfigSpace.of(new byte[0]));
    }

    /// The bridges above a function, nearest first. Bus numbers fall on the way up, so it ends.
    List<Bdf> above(Bdf bdf) {
        List<Bdf> out = new ArrayList<>();
        Bdf up = bridgeOf.get(key(bdf.segment(), bdf.bus()));
        while (up != null) {
            out.add(up);
            up = bridgeOf.get(key(up.segment(), up.bus()));
        }
        return out;
    }

    /// The root bus that a function is on or below.
    int rootBus(Bdf bdf) {
        List<Bdf> above = above(bdf);
        return above.isEmpty() ? bdf.bus() : above.getLast().bus();
    }

    /// All functions on or below the same root bus.
    List<Bdf> hierarchy(Bdf bdf) {
        return functions.keySet().stream()
                .filter(o -> o.segment() == bdf.segment() && rootBus(o) == rootBus(bdf))
                .toList();
    }

    /// The requester id of a function's requests as it reaches the root: a bridge from conventional
    /// PCI puts its own in place of theirs (secondary bus, device 0, function 0).
    int requesterId(Bdf bdf) {
        int rid = bdf.routingId();
        for (Bdf up : above(bdf)) {
            ConfigSpace bridge = config(up);
            boolean conventional =
                    bridge.express()
                            .map(e -> e.type() == PortType.PCIE_TO_PCI_BRIDGE)
                            .orElse(false);
            if (conventional) {
                rid = bridge.secondaryBus() << 8;
            }
        }
        return rid;
    }

    /// The first bridge above that does not forward requests; empty when all do, or when what is
    /// known of them does not say.
    Optional<Bdf> closedBridge(Bdf bdf) {
        return above(bdf).stream()
                .filter(up -> !config(up).command().busMasterEnable())
                .findFirst();
    }

    /// How a function is called: with the segment only when there is more than one.
    String name(Bdf bdf) {
        String known = names.get(bdf);
        return known == null ? spelled(bdf) : known;
    }

    private String spelled(Bdf bdf) {
        return severalSegments || bdf.segment() != 0 ? bdf.toString() : bdf.withoutSegment();
    }
}
