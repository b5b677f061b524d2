package dev.belfry.cli.text;

import dev.belfry.cli.Paint;
import dev.belfry.lab.explain.ExplainReport;
import dev.belfry.model.bits.Hex;
import java.io.PrintWriter;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What a report tells beside journeys: findings, events, commands, changes.
final class HistoryText {

    private static final int MOST_EVENTS = 4;
    private static final int MOST_COMMANDS = 6;
    private static final int MOST_CHANGES = 8;

    private final PrintWriter out;
    private final Paint paint;

    HistoryText(PrintWriter out, Paint paint) {
        this.out = out;
        this.paint = paint;
    }

    void print(ExplainReport report) {
        findings(report.findings());
        events(report.events());
        commands(report.commands());
        changes(report.changes());
    }

    private void findings(List<ExplainReport.Finding> findings) {
        if (findings.isEmpty()) {
            return;
        }
        out.println(paint.bold("Findings"));
        for (ExplainReport.Finding f : findings) {
            String who = f.device().map(d -> d + ": ").orElse("");
            String severity = f.severity();
            out.println(
                    "  "
                            + (severity.equals("note") ? severity : paint.bad(severity))
                            + " "
                            + paint.dim(f.rule())
                            + "  "
                            + who
                            + f.message());
            out.println("    " + f.why());
        }
        out.println();
    }

    private void events(List<ExplainReport.Event> events) {
        if (events.isEmpty()) {
            return;
        }
        out.println(paint.bold("SMMU events"));
        for (ExplainReport.Event e : events.subList(0, Math.min(MOST_EVENTS, events.size()))) {
            out.printf(
                    "  %s %s  StreamID %s%s%s%s%n      %s%n",
                    e.smmu(),
                    paint.bad(e.type()),
                    Hex.of(e.streamId()),
                    e.device().map(d -> " (" + d + ")").orElse(""),
                    e.address().isPresent() ? "  address " + Show.hex(e.address()) : "",
                    e.consumed() ? "" : "  not taken by software yet",
                    e.sentence());
        }
        left(events.size() - MOST_EVENTS, "events");
    }

    private void commands(List<ExplainReport.Command> commands) {
        if (commands.isEmpty()) {
            return;
        }
        out.println(paint.bold("Last commands"));
        List<ExplainReport.Command> shown = shown(commands);
        Table table = new Table("QUEUE", "INDEX", "COMMAND", "PARAMETERS", "");
        for (ExplainReport.Command c : shown) {
            StringBuilder fields = new StringBuilder();
            c.fields().forEach((k, v) -> fields.append(k).append('=').append(v).append(' '));
            table.row(
                    c.queue(),
                    Integer.toString(c.index()),
                    c.name(),
                    fields.toString().strip(),
                    c.consumed() ? "" : "waiting");
        }
        table.print(out, "  ");
        left(commands.size() - shown.size(), "other commands");
    }

    /// The last ones of each queue that are more than a barrier.
    private static List<ExplainReport.Command> shown(List<ExplainReport.Command> commands) {
        Map<String, Deque<ExplainReport.Command>> last = new LinkedHashMap<>();
        for (ExplainReport.Command c : commands) {
            Deque<ExplainReport.Command> queue =
                    last.computeIfAbsent(c.queue(), q -> new ArrayDeque<>());
            if (!c.name().endsWith("SYNC")) {
                queue.add(c);
            }
            if (queue.size() > MOST_COMMANDS) {
                queue.remove();
            }
        }
        return last.values().stream().flatMap(Deque::stream).toList();
    }

    private void changes(List<ExplainReport.Change> changes) {
        if (changes.isEmpty()) {
            return;
        }
        out.println(paint.bold("Changed while it was read"));
        for (ExplainReport.Change c : changes.subList(0, Math.min(MOST_CHANGES, changes.size()))) {
            out.println("  " + Hex.of(c.address()) + ": " + c.before() + " -> " + c.after());
        }
        left(changes.size() - MOST_CHANGES, "changes");
    }

    private void left(int count, String what) {
        if (count > 0) {
            out.println(paint.dim("  and " + count + " " + what + " (--json lists all)"));
        }
        out.println();
    }
}
