package dev.belfry.guest.firmware;

import dev.belfry.guest.firmware.HostBridge.Space;
import dev.belfry.guest.firmware.HostBridge.Window;
import dev.belfry.kernel.firmware.DeviceTree;
import dev.belfry.kernel.firmware.DtIdMap;
import dev.belfry.kernel.firmware.DtNode;
import dev.belfry.kernel.firmware.DtRange;
import dev.belfry.kernel.firmware.IdRanges;
import dev.belfry.kernel.firmware.IdRanges.Destination;
import dev.belfry.model.bits.Field;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// PCI host bridges of a device tree (bindings `host-generic-pci`, `pci-iommu`, `pci-msi`).
///
/// @param tree where references are looked up
/// @param smmus nodes in the order of [FirmwareInfo#smmus]
/// @param msiControllers nodes in the order of [FirmwareInfo#msiControllers]
record DeviceTreeBridges(DeviceTree tree, List<DtNode> smmus, List<DtNode> msiControllers) {

    private static final int LAST_BUS = 255;

    /// phys.hi of a PCI address (IEEE 1275 PCI bus binding, 2.2.1.1).
    private static final Field PREFETCHABLE = Field.bit(30);

    private static final Field SPACE = Field.bits(25, 24);
    private static final int RANGE_CELLS = 7;

    List<HostBridge> of(List<DtNode> nodes) {
        List<HostBridge> bridges = new ArrayList<>();
        for (DtNode node : nodes) {
            bridges.add(bridge(node, node.cell("linux,pci-domain").orElse(bridges.size())));
        }
        return bridges;
    }

    private HostBridge bridge(DtNode node, int segment) {
        DtRange config = DeviceTreePlatform.first(node);
        List<Integer> buses = node.cells("bus-range");
        int first = Math.clamp(buses.isEmpty() ? 0 : buses.getFirst(), 0, LAST_BUS);
        int last = Math.clamp(buses.size() < 2 ? LAST_BUS : buses.get(1), first, LAST_BUS);
        long room = Math.clamp((config.size() >>> 20) - 1, 0, LAST_BUS);
        return new HostBridge(
                segment & 0xffff,
                config.base(),
                first,
                (int) Math.min(last, first + room),
                windows(node),
                preserveConfig(node),
                coherent(node),
                node.has("ats-supported"),
                maps(node, "iommu-map", smmus),
                msiMaps(node));
    }

    /// Whether a node or one above it is `dma-coherent`.
    static boolean coherent(DtNode node) {
        boolean here = node.has("dma-coherent");
        return here || node.parent().map(DeviceTreeBridges::coherent).orElse(false);
    }

    /// `linux,pci-probe-only` of the bridge, or else of `/chosen`.
    private boolean preserveConfig(DtNode node) {
        Optional<Integer> chosen =
                tree.root().children().stream()
                        .filter(n -> n.name().equals("chosen"))
                        .findFirst()
                        .flatMap(n -> n.cell("linux,pci-probe-only"));
        return node.cell("linux,pci-probe-only").or(() -> chosen).orElse(0) != 0;
    }

    private static List<Window> windows(DtNode node) {
        List<Integer> cells = node.cells("ranges");
        List<Window> windows = new ArrayList<>();
        for (int at = 0; at + RANGE_CELLS <= cells.size(); at += RANGE_CELLS) {
            int high = cells.get(at);
            if (SPACE.getInt(high) == 0) {
                continue; // configuration space
            }
            Space space =
                    switch (SPACE.getInt(high)) {
                        case 1 -> Space.IO;
                        case 2 -> Space.MEM32;
                        default -> Space.MEM64;
                    };
            windows.add(
                    new Window(
                            space,
                            PREFETCHABLE.isSet(high),
                            join(cells, at + 3),
                            join(cells, at + 1),
                            join(cells, at + 5)));
        }
        return windows;
    }

    private static long join(List<Integer> cells, int at) {
        return (long) cells.get(at) << 32 | Integer.toUnsignedLong(cells.get(at + 1));
    }

    /// `msi-map`; without it, `msi-parent` takes every id as it is.
    private List<IdMap> msiMaps(DtNode node) {
        if (node.has("msi-map")) {
            return maps(node, "msi-map", msiControllers);
        }
        int parent = node.cell("msi-parent").map(p -> index(p, msiControllers)).orElse(-1);
        return parent < 0 ? List.of() : List.of(new IdMap(0, 1 << 16, 0, parent));
    }

    private List<IdMap> maps(DtNode node, String property, List<DtNode> targets) {
        DtIdMap map = DtIdMap.of(node, property);
        return IdRanges.of(rid -> destination(map, rid, targets), map.cuts()).stream()
                .map(r -> new IdMap(r.first(), r.count(), r.output(), r.target()))
                .toList();
    }

    private Optional<Destination> destination(DtIdMap map, int rid, List<DtNode> targets) {
        return map.entry(rid)
                .map(e -> new Destination(e.apply(rid & map.mask()), index(e.phandle(), targets)))
                .filter(d -> d.target() >= 0);
    }

    private int index(int phandle, List<DtNode> targets) {
        return tree.byPhandle(phandle).map(targets::indexOf).orElse(-1);
    }
}
