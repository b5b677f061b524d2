package dev.belfry.vmm.reader;

import dev.belfry.vmm.machine.PciBus;
import dev.belfry.vmm.machine.PciFunction;
import dev.belfry.vmm.machine.Plugged;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.function.Function;

/// A bus that is still being filled.
final class BusDraft {

    /// What a bus is, as far as its slots are concerned.
    enum Below {
        /// Inside a host bridge or a switch: all slots.
        INSIDE,
        /// A link: slot 0.
        LINK,
        /// A conventional bridge with a hot-plug controller: all slots but 0.
        SHPC;

        static Below of(DeviceDraft bridge, PciFunction.BridgeKind kind) {
            return switch (kind) {
                case ROOT_PORT, DOWNSTREAM -> LINK;
                case UPSTREAM -> INSIDE;
                case PCI -> hotPlugs(bridge) ? SHPC : INSIDE;
            };
        }

        private static boolean hotPlugs(DeviceDraft bridge) {
            return !bridge.driver().equals("i82801b11-bridge")
                    && !bridge.params().get("shpc", "on").equals("off");
        }
    }

    /// A slot's function, to be made once all is placed.
    record Taken(Plugged plugged, Function<Plugged, PciFunction> make) {}

    final String name;
    final PciBus.Kind kind;
    final int number;
    final OptionalInt numaNode;
    final boolean bypassIommu;
    final Below below;
    final TreeMap<Integer, Taken> slots = new TreeMap<>();
    int depth;

    BusDraft(
            String name,
            PciBus.Kind kind,
            int number,
            OptionalInt numaNode,
            boolean bypassIommu,
            Below below) {
        this.name = name;
        this.kind = kind;
        this.number = number;
        this.numaNode = numaNode;
        this.bypassIommu = bypassIommu;
        this.below = below;
    }

    PciBus freeze() {
        List<PciFunction> functions = new ArrayList<>();
        slots.values().forEach(t -> functions.add(t.make().apply(t.plugged())));
        return new PciBus(name, kind, number, numaNode, bypassIommu, functions);
    }
}
