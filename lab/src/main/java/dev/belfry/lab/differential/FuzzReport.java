package dev.belfry.lab.differential;

import java.util.List;
import java.util.Map;

/// What a comparison with a real QEMU gave.
///
/// @param qemu its version, as it tells it
/// @param identity what the model advertised
/// @param cases how many scripts ran
/// @param strayed how many of them led to a device of QEMU's machine and were not compared
/// @param known in how many scripts each known difference was met, by id
/// @param failures mismatches, by seed; not more than [#MOST_FAILURES]
public record FuzzReport(
        String qemu,
        String identity,
        long cases,
        long strayed,
        Map<String, Long> known,
        List<Failure> failures) {

    /// So many mismatches end a comparison.
    public static final int MOST_FAILURES = 20;

    /// A script that shows a mismatch.
    ///
    /// @param name its seed, or its own name
    /// @param script its text, as small as it was made; [FuzzLab#replay] takes it
    /// @param sentence what differs
    public record Failure(String name, String script, String sentence) {}

    /// Whether every difference is a known one.
    public boolean allWell() {
        return failures.isEmpty();
    }
}
