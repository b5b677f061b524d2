package dev.belfry.model.journey;

import java.util.List;
import java.util.Optional;

/// The hops of one DMA or MSI, in order.
///
/// @param hops in the order in which they happened
public record Journey(List<Hop> hops) {

    public Journey {
        hops = List.copyOf(hops);
    }

    /// The first hop that stopped the transaction.
    public Optional<Hop> firstBroken() {
        return hops.stream().filter(h -> h.verdict() == Verdict.BROKEN).findFirst();
    }
}
