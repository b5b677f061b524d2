package dev.belfry.lab.explain;

import dev.belfry.model.pci.spec.Bdf;
import java.util.Optional;
import java.util.OptionalInt;

/// What is to be explained.
///
/// @param device only this function; empty for all
/// @param vector only this vector of it
/// @param allHops whether vectors that are well have their hops told, too
/// @param dma an address to walk for `device`
/// @param iovaMap whether to list the whole stage 1 of `device`
public record ExplainRequest(
        Optional<Bdf> device,
        OptionalInt vector,
        boolean allHops,
        Optional<Dma> dma,
        boolean iovaMap) {

    /// An access.
    ///
    /// @param address as the device sends it
    /// @param write whether it writes
    public record Dma(long address, boolean write) {}

    /// Every vector of every function, with all hops.
    public static final ExplainRequest EVERYTHING =
            new ExplainRequest(
                    Optional.empty(), OptionalInt.empty(), true, Optional.empty(), false);

    /// Every vector of every function, with the hops of those that are not well.
    public static final ExplainRequest TABLE =
            new ExplainRequest(
                    Optional.empty(), OptionalInt.empty(), false, Optional.empty(), false);

    /// One function.
    public static ExplainRequest of(Bdf device) {
        return new ExplainRequest(
                Optional.of(device), OptionalInt.empty(), true, Optional.empty(), false);
    }

    boolean wants(Bdf bdf) {
        return device.isEmpty() || device.get().equals(bdf);
    }
}
