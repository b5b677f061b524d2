package dev.belfry.vmm.machine;

import java.util.Optional;

/// A CPU's first level of caches, as QEMU's models of CPUs have them (`CCSIDR_EL1`).
///
/// @param data of data
/// @param instructions of instructions
public record CpuCaches(Cache data, Cache instructions) {

    /// A cache.
    ///
    /// @param line bytes of a line
    /// @param sets how many
    /// @param size bytes of all
    public record Cache(int line, int sets, int size) {}

    private static final Cache LARGE = new Cache(64, 256, 64 << 10);
    private static final Cache FOUR_WAYS = new Cache(64, 128, 32 << 10);
    private static final Cache TWO_WAYS = new Cache(64, 256, 32 << 10);
    private static final Cache ONE_WAY = new Cache(64, 512, 32 << 10);
    private static final Cache THREE_WAYS = new Cache(64, 256, 48 << 10);
    private static final Cache A64FX = new Cache(256, 64, 64 << 10);

    /// Those of a model that QEMU emulates.
    static Optional<CpuCaches> of(String model) {
        return switch (model) {
            case "cortex-a7", "cortex-a15" -> both(TWO_WAYS);
            case "cortex-a35", "cortex-a55" -> both(FOUR_WAYS);
            case "cortex-a53" -> Optional.of(new CpuCaches(FOUR_WAYS, ONE_WAY));
            case "cortex-a57", "cortex-a72" -> Optional.of(new CpuCaches(FOUR_WAYS, THREE_WAYS));
            case "a64fx" -> both(A64FX);
            case "cortex-a76",
                    "cortex-a78ae",
                    "cortex-a710",
                    "neoverse-n1",
                    "neoverse-n2",
                    "neoverse-v1",
                    "max" ->
                    both(LARGE);
            default -> Optional.empty();
        };
    }

    private static Optional<CpuCaches> both(Cache cache) {
        return Optional.of(new CpuCaches(cache, cache));
    }
}
