package dev.belfry.model.smmu;

import dev.belfry.model.journey.Bytes;
import dev.belfry.model.journey.HopKind;
import dev.belfry.model.journey.Observation;
import dev.belfry.model.journey.Probe;
import dev.belfry.model.smmu.spec.Descriptor;

/// Tells a probe what a walk read.
final class WalkTrace {

    private WalkTrace() {}

    /// A descriptor that was read.
    ///
    /// @param fault empty when the walk goes on
    static void descriptor(
            Probe probe,
            int stage,
            int level,
            long at,
            long word,
            boolean table,
            long address,
            String fault) {
        Observation.Builder out = start(stage, level, at).read(at, Bytes.ofWords(word));
        out.fields(new Descriptor(word).fields(stage, table, address));
        if (!fault.isEmpty()) {
            probe.observe(out.broken(fault));
        } else {
            probe.observe(
                    out.ok(
                            table
                                    ? "A Table descriptor: the walk goes on (Arm ARM D8.3)"
                                    : "A valid "
                                            + (level == 3 ? "Page" : "Block")
                                            + " descriptor that allows the access (Arm ARM D8.3)"));
        }
    }

    /// A descriptor that could not be read, or a walk that could not start.
    static void noDescriptor(Probe probe, int stage, int level, long at, String fault) {
        probe.observe(start(stage, level, at).broken(fault));
    }

    private static Observation.Builder start(int stage, int level, long at) {
        return Observation.of(stage == 1 ? HopKind.STAGE1 : HopKind.STAGE2)
                .address(at)
                .field("level", level);
    }
}
