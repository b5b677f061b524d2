package dev.belfry.cli.text;

import dev.belfry.cli.Paint;
import dev.belfry.lab.explain.ExplainReport;
import dev.belfry.model.bits.Hex;

import java.io.PrintWriter;
import java.util.List;

/// What a report tells beside journeys: findings, events, commands, changes.
final class HistoryText {

    private static final int MOST_EVENTS = 8;
    private static final int MOST_COMMANDS = 12;
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
        int from = Math.max(0, commands.size() - MOST_COMMANDS);
        Table table = new Table("QUEUE", "INDEX", "COMMAND", "PARAMETERS", "");
        for (ExplainReport.Command c : commands.subList(from, commands.size())) {
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
        left(from, "earlier commands");
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
