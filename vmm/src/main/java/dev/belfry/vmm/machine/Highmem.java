package dev.belfry.vmm.machine;

/// What may lie above 4 GiB.
///
/// @param enabled anything at all
/// @param compact whether absent regions leave no hole
/// @param redists the second redistributor region
/// @param ecam 256 MiB of ECAM instead of 16
/// @param mmio the 64-bit PCI window
/// @param mmioSize of that window in bytes, a power of two
public record Highmem(
        boolean enabled,
        boolean compact,
        boolean redists,
        boolean ecam,
        boolean mmio,
        long mmioSize) {

    /// QEMU's size of the 64-bit PCI window.
    public static final long DEFAULT_MMIO_SIZE = 512L << 30;
}
