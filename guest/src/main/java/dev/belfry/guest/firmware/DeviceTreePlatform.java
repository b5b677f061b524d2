package dev.belfry.guest.firmware;

import dev.belfry.guest.firmware.FirmwareInfo.Cpu;
import dev.belfry.guest.firmware.Gic.Range;
import dev.belfry.kernel.firmware.DeviceTree;
import dev.belfry.kernel.firmware.DtNode;
import dev.belfry.kernel.firmware.DtRange;
import dev.belfry.kernel.firmware.FirmwareError;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Joins what a device tree says about one platform, as Linux does. Nodes that are not enabled are
/// not there. Addresses of `reg` are taken as physical: every bus between is expected to pass them
/// on unchanged.
final class DeviceTreePlatform {

    private static final List<String> GICV2 =
            List.of("arm,cortex-a15-gic", "arm,cortex-a7-gic", "arm,gic-400", "arm,cortex-a9-gic");
    private static final int INTERRUPT_CELLS = 3;
    private static final int FIRST_SPI = 32;
    private static final int FIRST_PPI = 16;

    private final DeviceTree tree;
    private final List<DtNode> smmuNodes;
    private final List<DtNode> msiNodes = new ArrayList<>();
    private final List<MsiController> msiControllers = new ArrayList<>();

    DeviceTreePlatform(DeviceTree tree) {
        this.tree = tree;
        smmuNodes = enabled("arm,smmu-v3");
        for (DtNode node : enabled("arm,gic-v3-its")) {
            // Linux leaves an ITS without this property alone.
            if (node.has("msi-controller")) {
                add(node, new MsiController.Its(msiNodes.size(), base(node)));
            }
        }
        int itss = msiNodes.size();
        for (DtNode node : enabled("arm,gic-v2m-frame")) {
            int spiBase = node.cell("arm,msi-base-spi").orElse(0);
            int spiCount = node.cell("arm,msi-num-spis").orElse(0);
            int id = msiNodes.size() - itss;
            add(node, new MsiController.V2m(id, base(node), spiBase, spiCount));
        }
    }

    private void add(DtNode node, MsiController controller) {
        msiNodes.add(node);
        msiControllers.add(controller);
    }

    FirmwareInfo read() {
        DeviceTreeBridges bridges = new DeviceTreeBridges(tree, smmuNodes, msiNodes);
        return new FirmwareInfo(
                FirmwareInfo.Source.DEVICE_TREE,
                cpus(),
                gic(),
                msiControllers,
                smmuNodes.stream().map(DeviceTreePlatform::smmu).toList(),
                bridges.of(enabled("pci-host-ecam-generic")),
                List.of());
    }

    private List<DtNode> enabled(String compatible) {
        return tree.compatible(compatible).stream().filter(DeviceTreePlatform::isEnabled).toList();
    }

    private static boolean isEnabled(DtNode node) {
        List<String> status = node.strings("status");
        return !node.has("status") || status.contains("okay") || status.contains("ok");
    }

    static DtRange first(DtNode node) {
        List<DtRange> reg = node.reg();
        if (reg.isEmpty()) {
            throw new FirmwareError("device tree: " + node + " has no address");
        }
        return reg.getFirst();
    }

    private static long base(DtNode node) {
        return first(node).base();
    }

    private List<Cpu> cpus() {
        return tree.nodes().stream()
                .filter(n -> n.strings("device_type").contains("cpu") && isEnabled(n))
                .map(n -> new Cpu(base(n)))
                .toList();
    }

    private Gic gic() {
        List<DtNode> gicv3 = enabled("arm,gic-v3");
        if (!gicv3.isEmpty()) {
            DtNode node = gicv3.getFirst();
            int regions = Math.max(node.cell("#redistributor-regions").orElse(1), 0);
            List<Range> redistributors =
                    node.reg().stream()
                            .skip(1)
                            .limit(regions)
                            .map(r -> new Range(r.base(), r.size()))
                            .toList();
            return new Gic(3, base(node), redistributors, 0);
        }
        Optional<DtNode> gicv2 = GICV2.stream().flatMap(c -> enabled(c).stream()).findFirst();
        return gicv2.filter(node -> node.reg().size() >= 2)
                .map(node -> new Gic(2, base(node), List.of(), node.reg().get(1).base()))
                .orElseThrow(() -> new FirmwareError("device tree: no GIC"));
    }

    private static SmmuNode smmu(DtNode node) {
        return new SmmuNode(
                base(node),
                DeviceTreeBridges.coherent(node),
                interrupt(node, "eventq"),
                interrupt(node, "priq"),
                interrupt(node, "gerror"),
                interrupt(node, "cmdq-sync"));
    }

    /// The INTID of a named interrupt; a `combined` one stands for all; 0 without.
    private static int interrupt(DtNode node, String name) {
        List<String> names = node.strings("interrupt-names");
        int index = names.contains("combined") ? names.indexOf("combined") : names.indexOf(name);
        List<Integer> cells = node.cells("interrupts");
        int at = index * INTERRUPT_CELLS;
        if (index < 0 || at + INTERRUPT_CELLS > cells.size()) {
            return 0;
        }
        return cells.get(at + 1) + (cells.get(at) == 0 ? FIRST_SPI : FIRST_PPI);
    }
}
