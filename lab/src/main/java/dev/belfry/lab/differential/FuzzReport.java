package dev.belfry.lab.differential;

import dev.belfry.qemu.script.SmmuScript;

import java.util.List;
import java.util.Map;

/// What a comparison with a real QEMU gave.
///
/// @param qemu its version, as it tells it
/// @param identity what the model advertised
/// @param cases how many scripts ran
/// @param known in how many scripts each known difference was met, by id
/// @param failures mismatches, by seed; not more than [#MOST_FAILURES]
public record FuzzReport(
        String qemu, String identity, long cases, Map<String, Long> known, List<Failure> failures) {

    /// So many mismatches end a comparison.
    public static final int MOST_FAILURES = 20;

    /// A script that shows a mismatch.
    ///
    /// @param script as small as it was made
    /// @param sentence what differs
    public record Failure(SmmuScript script, String sentence) {}

    /// Whether every difference is a known one.
    public boolean allWell() {
        return failures.isEmpty();
    }
}
