package dev.belfry.cli.text;

import dev.belfry.lab.explain.ExplainReport;
import dev.belfry.lab.explain.ExplainReport.State;
import dev.belfry.lab.explain.ExplainReport.Vector;
import java.util.List;

/// What is said first of a report's vectors, in text and on a page alike.
///
/// @param mood how to show it
/// @param first what matters
/// @param then the rest of it, with what joins it to `first`
/// @param more another sentence, or empty
public record Headline(Mood mood, String first, String then, String more) {

    /// How things are.
    public enum Mood {
        WELL,
        BAD,
        NEITHER
    }

    /// The headline of a report.
    public static Headline of(ExplainReport report) {
        List<Vector> lost = report.vectors().stream().filter(v -> v.state() == State.LOST).toList();
        long used = report.vectors().size() - count(report, State.UNUSED);
        if (used == 0) {
            return noVector(report);
        }
        if (!lost.isEmpty()) {
            return lost(lost);
        }
        long unknown = count(report, State.UNKNOWN);
        if (unknown > 0) {
            return new Headline(
                    Mood.BAD,
                    "Not known",
                    ": " + unknown + " of " + used + " vectors cannot be followed to the end.",
                    report.vectors().stream()
                            .filter(v -> v.state() == State.UNKNOWN)
                            .findFirst()
                            .map(Vector::sentence)
                            .orElse(""));
        }
        long masked = count(report, State.MASKED);
        return new Headline(
                Mood.WELL,
                "Nothing is lost",
                ": %d of %d programmed vectors are delivered%s."
                        .formatted(
                                count(report, State.DELIVERED),
                                used,
                                masked > 0 ? ", " + masked + " masked by their drivers" : ""),
                "");
    }

    private static Headline lost(List<Vector> lost) {
        Vector first = lost.getFirst();
        int others = lost.size() - 1;
        return new Headline(
                Mood.BAD,
                first.sentence(),
                first.symptom().isEmpty() ? "" : " " + first.symptom(),
                others == 0
                        ? ""
                        : others
                                + (others == 1
                                        ? " more vector is lost."
                                        : " more vectors are lost."));
    }

    /// Nothing is lost where nothing is sent; why nothing can be sent comes first.
    private static Headline noVector(ExplainReport report) {
        return new Headline(
                Mood.NEITHER,
                "No vector is programmed",
                ": "
                        + report.findings().stream()
                                .filter(f -> f.rule().equals("no-msi-doorbell"))
                                .map(f -> f.message() + ".")
                                .findFirst()
                                .orElse(
                                        "no function has MSI-X or MSI enabled with a message in"
                                                + " it."),
                "");
    }

    private static long count(ExplainReport report, State state) {
        return report.vectors().stream().filter(v -> v.state() == state).count();
    }
}
