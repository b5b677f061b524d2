package dev.belfry.vmm.firmware;

import dev.belfry.vmm.firmware.Board.Topology;
import dev.belfry.vmm.version.QemuVersion;
import java.util.stream.LongStream;

/// The device tree's nodes of CPUs, and of what each of them has: timers, PMU, PSCI.
final class TreeCpus {

    private static final int PPI = 1;
    private static final int EDGE_RISING = 1;
    private static final int LEVEL_HIGH = 4;
    private static final int PMU = 7;
    private static final long CPU_SUSPEND = 0x8400_0001L;
    private static final long CPU_OFF = 0x8400_0002L;
    private static final long CPU_ON = 0x8400_0003L;
    private static final long MIGRATE = 0x8400_0005L;
    private static final long SMC64 = 0x4000_0000L;

    private final FirmwareInputs inputs;
    private final Board board;
    private final FdtNode root;
    private final VirtDeviceTree tree;

    TreeCpus(FirmwareInputs inputs, FdtNode root, VirtDeviceTree tree) {
        this.inputs = inputs;
        this.board = inputs.board();
        this.root = root;
        this.tree = tree;
    }

    /// A GICv2's PPIs say in `[15:8]` which CPUs they go to.
    private long ppiFlags(int trigger) {
        boolean gicv2 = inputs.gic().version() == 2;
        int cpus = Math.min(inputs.cpus(), 8);
        return trigger | (gicv2 ? ((1L << cpus) - 1) << 8 : 0);
    }

    void timer() {
        FdtNode node = root.child("timer");
        if (board.cpu().aarch64()) {
            node.strings("compatible", "arm,armv8-timer", "arm,armv7-timer");
        } else {
            node.strings("compatible", "arm,armv7-timer");
        }
        LongStream ppis = LongStream.of(13, 14, 11, 10);
        int trigger = board.machine().isAtLeast(2, 9) ? LEVEL_HIGH : EDGE_RISING;
        boolean fifth =
                board.cpu().el2VirtualTimer()
                        && board.release().isAtLeast(9, 0)
                        && board.machine().isAtLeast(9, 0);
        node.flag("always-on")
                .cells(
                        "interrupts",
                        (fifth ? LongStream.concat(ppis, LongStream.of(12)) : ppis)
                                .flatMap(ppi -> LongStream.of(PPI, ppi, ppiFlags(trigger)))
                                .toArray());
    }

    /// Handles are given out from the last CPU on.
    void cpus() {
        FdtNode cpus = root.child("cpus").cells("#address-cells", 1).cells("#size-cells", 0);
        int[] handles = new int[inputs.cpus()];
        boolean mapped = board.machine().isAtLeast(6, 2);
        for (int cpu = inputs.cpus() - 1; cpu >= 0; cpu--) {
            FdtNode node =
                    cpus.child("cpu@" + cpu)
                            .strings("device_type", "cpu")
                            .strings("compatible", board.cpu().compatible());
            if (!board.world().psci().isEmpty() && inputs.cpus() > 1) {
                node.strings("enable-method", "psci");
            }
            node.cells("reg", Madt.mpidr(inputs.gic(), cpu));
            if (!board.numa().cpus().isEmpty()) {
                node.cells("numa-node-id", board.numa().cpus().get(cpu));
            }
            if (mapped || board.release().isAtLeast(QemuVersion.V11_1)) {
                handles[cpu] = tree.phandle();
                node.cells("phandle", handles[cpu]);
            }
            if (board.release().isAtLeast(QemuVersion.V11_1)) {
                board.cpu().caches().filter(_ -> mapped).ifPresent(c -> caches(node, c));
                // No node is made of what comes next, and its handle is nobody's.
                node.cells("next-level-cache", 0);
            }
        }
        if (mapped) {
            FdtNode map = cpus.child("cpu-map");
            for (int cpu = inputs.cpus() - 1; cpu >= 0; cpu--) {
                place(map, cpu).cells("cpu", handles[cpu]);
            }
        }
    }

    private static void caches(FdtNode node, Board.Caches caches) {
        cache(node, "d", caches.data());
        cache(node, "i", caches.instructions());
    }

    private static void cache(FdtNode node, String kind, Board.Cache cache) {
        node.cells(kind + "-cache-block-size", cache.line())
                .cells(kind + "-cache-size", cache.size())
                .cells(kind + "-cache-sets", cache.sets());
    }

    private FdtNode place(FdtNode map, int cpu) {
        Topology t = board.topology();
        FdtNode core =
                map.child("socket" + cpu / t.socket())
                        .child("cluster" + cpu / (t.cores() * t.threads()) % t.clusters())
                        .child("core" + cpu / t.threads() % t.cores());
        return t.threads() > 1 ? core.child("thread" + cpu % t.threads()) : core;
    }

    void pmu() {
        if (!board.cpu().pmu() || !board.machine().isAtLeast(2, 7)) {
            return;
        }
        FdtNode pmu = root.child("pmu");
        if (board.cpu().aarch64()) {
            pmu.strings("compatible", "arm,armv8-pmuv3")
                    .cells("interrupts", PPI, PMU, ppiFlags(LEVEL_HIGH));
        }
    }

    void psci() {
        if (!board.world().psciNode()) {
            return;
        }
        long width = board.cpu().aarch64() ? SMC64 : 0;
        root.child("psci")
                .strings("compatible", "arm,psci-1.0", "arm,psci-0.2", "arm,psci")
                .strings("method", board.world().psci())
                .cells("cpu_suspend", CPU_SUSPEND | width)
                .cells("cpu_off", CPU_OFF)
                .cells("cpu_on", CPU_ON | width)
                .cells("migrate", MIGRATE | width);
    }
}
