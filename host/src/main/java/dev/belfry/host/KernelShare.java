package dev.belfry.host;

/// How much of RAM the kernel keeps for itself.
final class KernelShare {

    private static final long GIB = 1L << 30;
    private static final long MOST = 4 * GIB;

    private KernelShare() {}

    /// A quarter, in whole GiB, at most 4 GiB.
    static long of(long ram) {
        return Math.max(GIB, Math.min(MOST, ram / 4 / GIB * GIB));
    }
}
