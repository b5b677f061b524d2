package dev.belfry.lab.explain;

import dev.belfry.model.pci.spec.Bdf;
import dev.belfry.model.smmu.Smmu;
import java.util.Optional;
import java.util.OptionalInt;

/// What is to be explained.
///
/// @param device only this function; empty for all
/// @param vector only this vector of it
/// @param allHops whether vectors that are well have their hops told, too
/// @param dma an address to walk for `device`
/// @param iovaMap whether to list the whole stage 1 of `device`
/// @param pasid the PASID (SubstreamID) with which `dma` and `iovaMap` are meant
public record ExplainRequest(
        Optional<Bdf> device,
        OptionalInt vector,
        boolean allHops,
        Optional<Dma> dma,
        boolean iovaMap,
        OptionalInt pasid) {

    /// An access.
    ///
    /// @param address as the device sends it
    /// @param write whether it writes
    public record Dma(long address, boolean write) {}

    /// Every vector of every function, with all hops.
    public static final ExplainRequest EVERYTHING = whole(true);

    /// Every vector of every function, with the hops of those that are not well.
    public static final ExplainRequest TABLE = whole(false);

    private static ExplainRequest whole(boolean allHops) {
        return new ExplainRequest(
                Optional.empty(),
                OptionalInt.empty(),
                allHops,
                Optional.empty(),
                false,
                OptionalInt.empty());
    }

    /// One function.
    public static ExplainRequest of(Bdf device) {
        return new ExplainRequest(
                Optional.of(device),
                OptionalInt.empty(),
                true,
                Optional.empty(),
                false,
                OptionalInt.empty());
    }

    /// The SubstreamID of `dma` and `iovaMap`, as the SMMU's engine takes it.
    int substream() {
        return pasid.orElse(Smmu.NO_SUBSTREAM);
    }

    boolean wants(Bdf bdf) {
        return device.isEmpty() || device.get().equals(bdf);
    }
}
