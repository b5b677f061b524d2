package dev.belfry.vmm.machine;

/// How the CPUs are grouped; each number at least 1.
///
/// @param sockets of the machine
/// @param clusters in a socket
/// @param cores in a cluster
/// @param threads in a core
/// @param clustersGiven whether the command line says how many clusters
public record CpuTopology(
        int sockets, int clusters, int cores, int threads, boolean clustersGiven) {

    /// CPUs of a socket.
    public int socket() {
        return clusters * cores * threads;
    }

    /// Fills in what was not given, as QEMU does it: the cores take what is left, or the sockets on
    /// boards before virt-6.2.
    ///
    /// @param sockets as given, 0 if not; so `clusters`, `cores`, `threads`
    /// @param cpus at most
    public static CpuTopology of(
            int sockets, int clusters, int cores, int threads, int cpus, boolean prefersSockets) {
        int t = Math.max(1, threads);
        int k = Math.max(1, clusters);
        int s = sockets;
        int c = cores;
        if (prefersSockets) {
            c = Math.max(1, c);
            s = s > 0 ? s : Math.max(1, cpus / (k * c * t));
        } else if (c == 0) {
            s = Math.max(1, s);
            c = Math.max(1, cpus / (s * k * t));
        } else if (s == 0) {
            s = Math.max(1, cpus / (k * c * t));
        }
        if (threads == 0) {
            t = Math.max(1, cpus / (s * k * c));
        }
        return new CpuTopology(s, k, c, t, clusters > 0);
    }
}
