package dev.belfry.cli.html;

import dev.belfry.cli.text.Headline;
import dev.belfry.lab.explain.ExplainReport;
import dev.belfry.lab.explain.ExplainReport.State;
import dev.belfry.lab.explain.ExplainReport.Vector;
import dev.belfry.model.bits.Hex;
import dev.belfry.model.journey.Hop;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/// An explanation as a page: the verdict, the vectors with their journeys to unfold, what the
/// queues tell.
public final class ExplainHtml {

    private static final String STYLE =
            """
            :root { color-scheme: light dark; --line: #8884; --good: #12702f; --bad: #b71c1c; --new: #8a5a00; }
            @media (prefers-color-scheme: dark) {
              :root { --good: #6fcf86; --bad: #ff8a80; --new: #ffcc66; }
            }
            body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 70rem;
                   padding: 0 1rem; }
            h1 { font-size: 1.35rem; } h2 { font-size: 1.05rem; margin-top: 2rem; }
            table { border-collapse: collapse; width: 100%; }
            th { text-align: left; font-weight: 600; }
            th, td { padding: .25rem .8rem .25rem 0; border-bottom: 1px solid var(--line);
                     vertical-align: top; }
            code, td.m, .bytes { font-family: ui-monospace, monospace; font-size: .9em; }
            details { border-bottom: 1px solid var(--line); padding: .3rem 0; }
            summary { cursor: pointer; }
            ol { margin: .5rem 0 1rem; padding-left: 2.2rem; } li { margin: .5rem 0; }
            .good { color: var(--good); } .bad { color: var(--bad); font-weight: 600; }
            .unknown { color: var(--new); font-weight: 600; }
            .dim, .bytes { opacity: .75; } .bytes { max-width: 99ch; overflow-wrap: anywhere;
                     white-space: pre-wrap; }
            li.broken, .expected { border-left: 4px solid var(--bad); padding-left: .8rem; }
            li.unknown-hop { border-left: 4px solid var(--new); padding-left: .8rem; }
            .where { font-size: .8em; opacity: .7; }
            """;

    /// A structure with more fields than this shows only those that say something.
    private static final int MANY = 12;

    private final StringBuilder out = new StringBuilder();

    private ExplainHtml() {}

    /// The whole page.
    public static String of(ExplainReport report) {
        ExplainHtml page = new ExplainHtml();
        page.head(report);
        page.functions(report.functions());
        page.vectors(report.vectors());
        report.dma().ifPresent(page::dma);
        report.iovaMap().ifPresent(page::map);
        page.findings(report.findings());
        page.events(report.events());
        page.changes(report.changes());
        page.commands(report.commands());
        page.foot(report);
        return page.out.toString();
    }

    private void head(ExplainReport report) {
        String title =
                report.functions().size() == 1
                        ? "belfry explain " + report.functions().getFirst().device()
                        : "belfry explain";
        out.append("<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n")
                .append("<meta name=\"viewport\" content=\"width=device-width\">\n<title>")
                .append(text(title))
                .append("</title>\n<style>\n")
                .append(STYLE)
                .append("</style></head><body>\n");
        if (report.dma().isPresent()) {
            boolean well = report.dma().get().stoppedAt().isEmpty();
            headline(well ? "good" : "bad", report.dma().get().sentence());
        } else if (report.iovaMap().isPresent()) {
            headline("", "Stage 1 of " + report.iovaMap().get().device());
        } else {
            Headline headline = Headline.of(report);
            String mood =
                    switch (headline.mood()) {
                        case WELL -> "good";
                        case BAD -> "bad";
                        case NEITHER -> "";
                    };
            boolean sentence = !headline.then().startsWith(":");
            headline(mood, headline.first() + (sentence ? "" : headline.then()));
            paragraph(sentence ? headline.then().strip() : "");
            paragraph(headline.more());
        }
    }

    private void headline(String mood, String sentence) {
        out.append("<h1 class=\"%s\">".formatted(mood)).append(text(sentence)).append("</h1>\n");
    }

    private void functions(List<ExplainReport.Function> functions) {
        heading("Functions");
        table("Device", "ID", "Class", "Interrupts", "SMMU", "StreamID", "Stream", "DeviceID");
        for (ExplainReport.Function f : functions) {
            row(
                    f.device(),
                    "%04x:%04x".formatted(f.vendorId(), f.deviceId()),
                    f.classCode() == 0 ? "-" : "%04x".formatted(f.classCode()),
                    f.interrupts(),
                    f.smmu().orElse("-"),
                    f.streamId().isPresent() ? Hex.of(f.streamId().getAsLong()) : "-",
                    f.policy(),
                    f.itsDeviceId().isPresent() ? Hex.of(f.itsDeviceId().getAsLong()) : "-");
        }
        out.append("</table>\n");
    }

    private void vectors(List<Vector> vectors) {
        heading("Vectors");
        List<Vector> sorted =
                vectors.stream()
                        .filter(v -> v.state() != State.UNUSED)
                        .sorted(
                                Comparator.comparing((Vector v) -> v.state() != State.LOST)
                                        .thenComparing(v -> v.state() != State.UNKNOWN))
                        .toList();
        for (Vector v : sorted) {
            boolean lost = v.state() == State.LOST;
            out.append(lost ? "<details open>" : "<details>")
                    .append("<summary class=\"")
                    .append(colour(v.state()))
                    .append("\">")
                    .append(text(v.sentence()))
                    .append("</summary>\n");
            paragraph(v.symptom());
            hops(v.hops());
            if (!v.expected().isEmpty()) {
                out.append("<p class=\"expected\"><b>Expected:</b> ")
                        .append(text(v.expected()))
                        .append("</p>\n");
            }
            out.append("</details>\n");
        }
        int unused = vectors.size() - sorted.size();
        paragraph(unused == 0 ? "" : unused + " vectors were never programmed.");
    }

    private static String colour(State state) {
        return switch (state) {
            case LOST -> "bad";
            case DELIVERED -> "good";
            case UNKNOWN -> "unknown";
            case MASKED, UNUSED -> "dim";
        };
    }

    private void hops(List<Hop> hops) {
        out.append("<ol>\n");
        for (Hop h : hops) {
            String at = h.address().isPresent() ? " @" + Hex.of(h.address().getAsLong()) : "";
            out.append(
                            switch (h.verdict()) {
                                case BROKEN -> "<li class=\"broken\"><code>";
                                case UNKNOWN -> "<li class=\"unknown-hop\"><code>";
                                case OK, SKIPPED -> "<li><code>";
                            })
                    .append(h.kind())
                    .append(at)
                    .append("</code> <span class=\"where\">")
                    .append(h.where().key())
                    .append("</span> <span class=\"")
                    .append(
                            switch (h.verdict()) {
                                case BROKEN -> "bad";
                                case UNKNOWN -> "unknown";
                                case OK -> "good";
                                case SKIPPED -> "dim";
                            })
                    .append("\">")
                    .append(h.verdict().key())
                    .append("</span><br>")
                    .append(text(h.rule()));
            if (h.bytes().length() > 0) {
                out.append("<div class=\"bytes\">")
                        .append(grouped(h.bytes().toString()))
                        .append("</div>");
            }
            if (!h.fields().isEmpty()) {
                out.append("<div class=\"dim\"><code>")
                        .append(text(nonzero(h.fields())))
                        .append("</code></div>");
            }
            out.append("</li>\n");
        }
        out.append("</ol>\n");
    }

    /// Eight bytes a group, as the words of the structures are.
    private static String grouped(String bytes) {
        return bytes.replaceAll("((?:[0-9a-f]{2} ){7}[0-9a-f]{2}) ", "$1  ");
    }

    /// Of a structure with many fields, those that are not 0.
    private static String nonzero(Map<String, String> fields) {
        if (fields.size() <= MANY) {
            return fields(fields);
        }
        Map<String, String> some = new LinkedHashMap<>(fields);
        some.values().removeIf(v -> v.equals("0") || v.equals("0x0"));
        return fields(some) + " (all other fields 0)";
    }

    private static String fields(Map<String, String> fields) {
        return fields.entrySet().stream()
                .map(e -> e.getKey() + "=" + e.getValue())
                .collect(Collectors.joining(" "));
    }

    private void dma(ExplainReport.Dma dma) {
        heading("The way of this access");
        hops(dma.hops());
    }

    private void map(ExplainReport.Stage1 map) {
        String pasid = map.pasid().isPresent() ? " with PASID " + map.pasid().getAsInt() : "";
        heading("Stage 1 of " + map.device() + pasid + " (" + map.policy() + ")");
        table("IOVA", "Size", "Output", "Access", "Attributes", "What");
        for (ExplainReport.Range r : map.ranges()) {
            row(
                    Hex.of(r.iova()),
                    Hex.of(r.size()),
                    Hex.of(r.output()),
                    r.access(),
                    r.attributes(),
                    r.what());
        }
        out.append("</table>\n");
        paragraph(map.ranges().isEmpty() ? "Nothing is mapped." : "");
        paragraph(map.complete() ? "" : "There is more that was not listed.");
        paragraph(
                map.pasids().isEmpty()
                        ? ""
                        : "PASIDs with a context of their own (--pasid): " + map.pasids());
    }

    private void findings(List<ExplainReport.Finding> findings) {
        if (findings.isEmpty()) {
            return;
        }
        heading("Findings");
        for (ExplainReport.Finding f : findings) {
            String who = f.device().map(d -> d + ": ").orElse("");
            paragraph(
                    f.severity().toUpperCase(Locale.ROOT)
                            + " "
                            + who
                            + f.message()
                            + ". "
                            + f.why());
        }
    }

    private void events(List<ExplainReport.Event> events) {
        if (events.isEmpty()) {
            return;
        }
        heading("SMMU events, newest first");
        table("Event", "StreamID", "Device", "What");
        for (ExplainReport.Event e : events) {
            row(e.type(), Hex.of(e.streamId()), e.device().orElse("-"), e.sentence());
        }
        out.append("</table>\n");
    }

    private void changes(List<ExplainReport.Change> changes) {
        if (changes.isEmpty()) {
            return;
        }
        heading("Changed while it was read");
        table("Address", "Before", "After");
        for (ExplainReport.Change c : changes) {
            row(Hex.of(c.address()), c.before().toString(), c.after().toString());
        }
        out.append("</table>\n");
    }

    private void commands(List<ExplainReport.Command> commands) {
        out.append("<details><summary><b>Commands</b> (")
                .append(commands.size())
                .append(")</summary>\n");
        table("Queue", "Index", "Command", "Parameters");
        for (ExplainReport.Command c : commands) {
            row(c.queue(), Integer.toString(c.index()), c.name(), fields(c.fields()));
        }
        out.append("</table></details>\n");
    }

    private void foot(ExplainReport report) {
        paragraph("Read from " + report.source() + ".");
        report.notes().forEach(this::paragraph);
        out.append("</body></html>\n");
    }

    private void heading(String heading) {
        out.append("<h2>").append(text(heading)).append("</h2>\n");
    }

    private void paragraph(String paragraph) {
        if (!paragraph.isEmpty()) {
            out.append("<p>").append(text(paragraph)).append("</p>\n");
        }
    }

    private void table(String... head) {
        out.append("<table><tr>");
        for (String h : head) {
            out.append("<th>").append(text(h)).append("</th>");
        }
        out.append("</tr>\n");
    }

    private void row(String... cells) {
        out.append("<tr>");
        for (String c : cells) {
            out.append("<td>").append(text(c)).append("</td>");
        }
        out.append("</tr>\n");
    }

    /// What came from a guest or a file is never markup.
    private static String text(String s) {
        return s.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }
}
