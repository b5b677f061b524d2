package dev.belfry.model.smmu;

import dev.belfry.model.bits.Hex;
import dev.belfry.model.journey.Probe;
import java.util.Objects;

/// Tells an invalidation that software forgot from what the adversarial caches answer: they answer
/// for as long as the architecture lets them (IHI 0070 3.21).
final class StaleLook {

    private final Configuration configuration;
    private final Walker walker;
    private final Tlb tlb;
    private final Findings findings;

    StaleLook(Configuration configuration, Walker walker, Tlb tlb, Findings findings) {
        this.configuration = configuration;
        this.walker = walker;
        this.tlb = tlb;
        this.findings = findings;
    }

    /// Whether memory still says what the caches say: if not, software forgot an invalidation.
    void look(Route route, int slot, long va, int need) {
        walker.begin(Probe.NONE, false);
        Configuration.Result now =
                configuration.find(route.streamId(), route.substreamId(), false, Probe.NONE);
        Route fresh = now.route();
        if (!route.stream().equals(now.stream())) {
            findings.add(
                    "STALE_STE",
                    "3.21.3",
                    "the STE of StreamID "
                            + Hex.of(route.streamId())
                            + " was used after it changed");
        } else if (fresh == null || !Objects.equals(route.cd(), fresh.cd())) {
            findings.add(
                    "STALE_CD",
                    "3.21.3",
                    "a CD of StreamID " + Hex.of(route.streamId()) + " was used after it changed");
        }
        long first = tlb.first(slot);
        long cached = TlbEntry.address(first, va, tlb.blockBits(slot));
        walker.begin(Probe.NONE, false);
        boolean passes = walker.walk(route.stream(), route.cd(), va, need);
        boolean passed = (TlbEntry.permissions(first) & need) != 0;
        if (passes != passed || (passes && walker.pa != cached)) {
            findings.add(
                    "STALE_TRANSLATION",
                    "3.21.1",
                    "a cached translation of " + Hex.of(va) + " was used after its tables changed");
        }
    }
}
