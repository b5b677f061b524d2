package dev.belfry.vmm.firmware;

import dev.belfry.vmm.firmware.FirmwareInputs.Smmu;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.LongStream;

/// The device tree of `virt`. It knows one PCI host bridge and its IOMMU: the machine's own SMMU,
/// the SMMU device on `pcie.0`, or a virtio-iommu. An accelerated SMMU has no binding here, since
/// the tree has no RMR; only firmware, which goes on with ACPI, is shown one.
///
/// Nodes are made, and handles given out, in QEMU's order.
final class VirtDeviceTree {

    private static final int FIRST_PHANDLE = 0x8000;
    private static final long SEED = 0xbe1f_4717L;

    private final FirmwareInputs inputs;
    private final Board board;
    private final FdtNode root = FdtNode.root();
    private final SplittableRandom seeds = new SplittableRandom(SEED);
    private int nextPhandle = FIRST_PHANDLE;

    private VirtDeviceTree(FirmwareInputs inputs) {
        this.inputs = inputs;
        this.board = inputs.board();
    }

    static byte[] build(FirmwareInputs inputs) {
        VirtDeviceTree tree = new VirtDeviceTree(inputs);
        tree.make();
        return Fdt.write(tree.root);
    }

    /// A handle that nobody has yet.
    int phandle() {
        return nextPhandle++;
    }

    private void make() {
        header();
        int clock = clock();
        distances();
        TreeCpus cpus = new TreeCpus(inputs, root, this);
        cpus.timer();
        cpus.cpus();
        TreeDevices devices = new TreeDevices(board, root, this, clock);
        devices.flash();
        TreePci pci = new TreePci(inputs, root, this);
        pci.gic();
        cpus.pmu();
        devices.serialAndClock();
        pci.hostBridge(smmus());
        devices.buttonsAndTransports();
        pci.devices(smmus());
        devices.platformBus(pci.gicHandle());
        memory();
        if (!board.bootargs().isEmpty()) {
            root.child("chosen").strings("bootargs", board.bootargs());
        }
        cpus.psci();
    }

    private void header() {
        root.strings("compatible", "linux,dummy-virt");
        root.cells("#address-cells", 2).cells("#size-cells", 2);
        root.strings("model", "linux,dummy-virt");
        if (board.release().isAtLeast(8, 1)) {
            root.flag("dma-coherent");
        }
        randomness(root.child("chosen"));
        if (board.world().secure()) {
            randomness(root.child("secure-chosen"));
        }
        if (board.release().isAtLeast(9, 0)) {
            root.child("aliases");
        }
    }

    /// A guest must not count on these numbers, and here they are always the same ones.
    private void randomness(FdtNode node) {
        if (board.randomness()) {
            node.cells("kaslr-seed", seeds.nextInt(), seeds.nextInt());
            node.cells("rng-seed", LongStream.range(0, 8).map(i -> seeds.nextInt()).toArray());
        }
    }

    private int clock() {
        int handle = phandle();
        root.child("apb-pclk")
                .strings("compatible", "fixed-clock")
                .cells("#clock-cells", 0)
                .cells("clock-frequency", 24_000_000)
                .strings("clock-output-names", "clk24mhz")
                .cells("phandle", handle);
        return handle;
    }

    private void distances() {
        List<List<Integer>> rows = board.numa().distances();
        if (rows.isEmpty()) {
            return;
        }
        LongStream.Builder matrix = LongStream.builder();
        for (int from = 0; from < rows.size(); from++) {
            for (int to = 0; to < rows.size(); to++) {
                matrix.add(from).add(to).add(rows.get(from).get(to));
            }
        }
        root.child("distance-map")
                .strings("compatible", "numa-distance-map-v1")
                .cells("distance-matrix", matrix.build().toArray());
    }

    /// The SMMUs that the tree tells of. Its reader takes the last one's `iommu-map`.
    private List<Smmu> smmus() {
        return inputs.smmus().stream()
                .filter(s -> s.legacy() || board.uefi() || (!s.accel() && s.firstBus() == 0))
                .toList();
    }

    private void memory() {
        List<Long> nodes = board.numa().memory();
        long base = inputs.ram().base();
        if (nodes.isEmpty()) {
            memory(base, inputs.ram().size());
        }
        for (int node = 0; node < nodes.size(); node++) {
            if (nodes.get(node) != 0) {
                memory(base, nodes.get(node)).cells("numa-node-id", node);
                base += nodes.get(node);
            }
        }
    }

    private FdtNode memory(long base, long size) {
        return root.child("memory", base).strings("device_type", "memory").wide("reg", base, size);
    }
}
