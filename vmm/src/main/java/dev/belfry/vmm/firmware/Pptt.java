package dev.belfry.vmm.firmware;

import dev.belfry.vmm.firmware.Board.Topology;

/// The Processor Properties Topology Table (ACPI 6.5, 5.2.30): a tree of processors and what
/// contains them.
final class Pptt {

    private static final int NODE_LENGTH = 20;
    private static final int PACKAGE = 1;
    private static final int PROCESSOR_ID_VALID = 1 << 1;
    private static final int THREAD = 1 << 2;
    private static final int LEAF = 1 << 3;
    private static final int IDENTICAL = 1 << 4;

    private final Topology topology;
    private final boolean clusters;
    private final boolean rooted;
    private final TableBytes out = new TableBytes();

    /// Clusters are there when somebody asked for them, and until 7.2 in any case. From 10.1 on all
    /// sockets have a common root, and containers say that they contain the same.
    private Pptt(Board board) {
        topology = board.topology();
        clusters = topology.clustersGiven() || !board.release().isAtLeast(8, 0);
        rooted = board.release().isAtLeast(10, 1);
    }

    static byte[] build(Board board) {
        return AcpiTable.of("PPTT", 2, new Pptt(board).body());
    }

    private TableBytes body() {
        int root = rooted ? container(PACKAGE, 0, 0) : 0;
        int socket = 0;
        int cluster = 0;
        int core = 0;
        for (int cpu = 0; cpu < topology.cpus(); cpu++) {
            int coreNumber = cpu / topology.threads();
            int clusterNumber = coreNumber / topology.cores();
            if (cpu % topology.socket() == 0) {
                socket = container(PACKAGE, root, cpu / topology.socket());
            }
            if (cpu % (topology.cores() * topology.threads()) == 0) {
                cluster =
                        clusters
                                ? container(0, socket, clusterNumber % topology.clusters())
                                : socket;
            }
            if (topology.threads() == 1) {
                node(PROCESSOR_ID_VALID | LEAF, cluster, cpu);
                continue;
            }
            if (cpu % topology.threads() == 0) {
                core = container(0, cluster, coreNumber % topology.cores());
            }
            node(PROCESSOR_ID_VALID | THREAD | LEAF, core, cpu);
        }
        return out;
    }

    private int container(int flags, int parent, int number) {
        return node(flags | (rooted ? IDENTICAL : 0), parent, number);
    }

    /// @return its offset, by which others refer to it
    private int node(int flags, int parent, int number) {
        int offset = AcpiTable.HEADER + out.size();
        out.u8(0).u8(NODE_LENGTH).u16(0).u32(flags).u32(parent).u32(number).u32(0);
        return offset;
    }
}
