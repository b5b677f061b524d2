package dev.belfry.vmm.machine;

import java.util.List;

/// How fast each node's memory is, as `hmat=on` and `-numa hmat-lb`, `hmat-cache` say it (ACPI 6.5,
/// 5.2.28).
///
/// @param initiators by node: the node from which its memory is reached directly, or
///   [#NO_INITIATOR]
/// @param localities latencies and bandwidths, by hierarchy and then by kind
/// @param caches of memory, by node and then by level
public record MemoryAttributes(
        List<Integer> initiators, List<Locality> localities, List<SideCache> caches) {

    /// A node that nobody reaches directly.
    public static final int NO_INITIATOR = 128;

    public MemoryAttributes {
        initiators = List.copyOf(initiators);
        localities = List.copyOf(localities);
        caches = List.copyOf(caches);
    }

    /// All values of one kind.
    ///
    /// @param hierarchy 0 for memory, 1 to 3 for a cache of that level
    /// @param kind 0 to 2 latencies in nanoseconds, 3 to 5 bandwidths in bytes a second
    /// @param unit what values are counted in
    /// @param values between nodes
    public record Locality(int hierarchy, int kind, long unit, List<Value> values) {

        /// Whether it is a time.
        public boolean latency() {
            return kind < FIRST_BANDWIDTH;
        }

        public Locality {
            values = List.copyOf(values);
        }
    }

    /// The first kind that is a bandwidth.
    public static final int FIRST_BANDWIDTH = 3;

    /// A latency or bandwidth.
    ///
    /// @param initiator node that reads or writes
    /// @param target node of the memory
    /// @param amount nanoseconds or bytes a second
    public record Value(int initiator, int target, long amount) {}

    /// A cache in front of a node's memory.
    ///
    /// @param node whose memory
    /// @param level 1 to 3, 1 nearest to the memory
    /// @param size in bytes
    /// @param associativity 0 none, 1 direct, 2 complex
    /// @param policy 0 none, 1 write-back, 2 write-through
    /// @param line bytes of a line
    public record SideCache(
            int node, int level, long size, int associativity, int policy, int line) {}
}
