package dev.belfry.vmm.firmware;

import dev.belfry.vmm.machine.MemoryAttributes;
import dev.belfry.vmm.version.QemuVersion;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/// What `virt` has besides memory, interrupts and PCI, as far as its guest is told.
///
/// @param release of the QEMU that makes the tables
/// @param machine version of the board
/// @param cpu its CPUs
/// @param topology how they are grouped
/// @param numa which of them, and which memory, belong together
/// @param world what is there besides the plain normal world at EL1
/// @param serials how many serial ports were asked for; a second one is the guest's from 9.1 on
/// @param uefi whether firmware is there that hands on ACPI tables. The tree then is for the
///   firmware: it may name what it has no binding for, and has no GPIO keys
/// @param virtioIommu requester id of the virtio-iommu, if there is one
/// @param randomness whether the tree carries seeds for the guest's random numbers
/// @param bootargs the kernel's command line, or empty
/// @param phantomIts whether the machine has no ITS without having been asked to do without
/// @param acpi what only ACPI tells
public record Board(
        QemuVersion release,
        QemuVersion machine,
        Cpu cpu,
        Topology topology,
        Numa numa,
        World world,
        int serials,
        boolean uefi,
        OptionalInt virtioIommu,
        boolean randomness,
        String bootargs,
        boolean phantomIts,
        AcpiBoard acpi) {

    /// A second serial port of the normal world.
    boolean secondUart() {
        return !world.secure() && serials > 1 && release.isAtLeast(9, 1);
    }

    /// Whether the power button is an event of ACPI, and not a pin.
    boolean eventDevice() {
        return uefi && cpu.aarch64() && machine.isAtLeast(4, 2);
    }

    /// The CPUs.
    ///
    /// @param compatible the tree's name of the model
    /// @param aarch64 64-bit
    /// @param pmu whether it counts events
    /// @param caches its first level, where it is known
    /// @param el2VirtualTimer whether the guest has EL2 and, with `FEAT_VHE`, its virtual timer
    public record Cpu(
            String compatible,
            boolean aarch64,
            boolean pmu,
            Optional<Caches> caches,
            boolean el2VirtualTimer) {
        /// What most guests have.
        public static final Cpu PLAIN = new Cpu("arm,armv8", true, true, Optional.empty(), false);
    }

    /// A CPU's own caches.
    ///
    /// @param data of data
    /// @param instructions of instructions
    public record Caches(Cache data, Cache instructions) {}

    /// A cache.
    ///
    /// @param line bytes of a line
    /// @param sets how many
    /// @param size bytes of all
    public record Cache(int line, int sets, int size) {}

    /// How CPUs are grouped; each at least 1.
    ///
    /// @param cpus that there can be
    /// @param clusters in a socket
    /// @param cores in a cluster
    /// @param threads in a core
    /// @param clustersGiven whether somebody asked for clusters, so that the PPTT shows them
    public record Topology(int cpus, int clusters, int cores, int threads, boolean clustersGiven) {

        /// CPUs in a socket.
        public int socket() {
            return clusters * cores * threads;
        }
    }

    /// NUMA.
    ///
    /// @param memory each node's memory in bytes, by node; empty without NUMA
    /// @param cpus node of each CPU; empty without NUMA
    /// @param distances between nodes, row by row; empty when none was given
    /// @param initiators devices that have nodes of their own
    /// @param attributes what is said of the nodes' memory
    public record Numa(
            List<Long> memory,
            List<Integer> cpus,
            List<List<Integer>> distances,
            List<Initiator> initiators,
            Optional<MemoryAttributes> attributes) {

        /// One node, of which nothing is said.
        public static final Numa NONE =
                new Numa(List.of(), List.of(), List.of(), List.of(), Optional.empty());

        public Numa {
            memory = List.copyOf(memory);
            cpus = List.copyOf(cpus);
            distances = List.copyOf(distances);
            initiators = List.copyOf(initiators);
        }
    }

    /// A PCI function that is a generic initiator of a node.
    ///
    /// @param node the node
    /// @param requesterId of the function, in segment 0
    public record Initiator(int node, int requesterId) {}

    /// What the guest's CPUs have besides EL1 and EL0.
    ///
    /// @param secure EL3 and the secure world
    /// @param virtualization EL2
    /// @param psci how firmware calls are made while the board is built; empty when there are none
    /// @param psciNode whether the guest is told of them
    public record World(boolean secure, boolean virtualization, String psci, boolean psciNode) {
        /// EL1, and PSCI by HVC.
        public static final World PLAIN = new World(false, false, "hvc", true);
    }

    /// A board of the newest QEMU with nothing special.
    ///
    /// @param cpus how many, in one cluster
    public static Board plain(int cpus) {
        return new Board(
                QemuVersion.NEWEST,
                QemuVersion.NEWEST,
                Cpu.PLAIN,
                new Topology(cpus, 1, cpus, 1, false),
                Numa.NONE,
                World.PLAIN,
                1,
                false,
                OptionalInt.empty(),
                true,
                "",
                false,
                AcpiBoard.PLAIN);
    }
}
