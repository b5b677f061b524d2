package dev.belfry.cli.html;

import dev.belfry.model.bits.Hex;
import dev.belfry.model.journey.Hop;
import dev.belfry.model.journey.Verdict;
import dev.belfry.model.journey.Where;
import java.util.List;

/// What the pages of `belfry compare` have in common: head, colours, diagrams of journeys.
final class Page {

    private static final int ROW = 24;
    private static final int WIDTH = 920;
    private static final int GUEST_X = 10;
    private static final int HOST_X = 470;
    private static final int BOX = 440;
    private static final int ARROW = 18;

    private static final String STYLE =
            """
            <style>
            :root{color-scheme:light dark}
            body{font:15px/1.45 system-ui,sans-serif;margin:2em auto;max-width:72em;padding:0 1em;
              color:#1b1f24;background:#fff}
            h1{font-size:1.6em}h2{font-size:1.15em;margin:2.2em 0 .3em;border-top:1px solid #d8dee4;padding-top:1em}
            h2 a{float:right;font-size:.8em;font-weight:normal}
            .scroll{overflow-x:auto}
            table{border-collapse:collapse;font-size:.93em}
            td,th{border:1px solid #d0d7de;padding:.4em .7em;text-align:left;vertical-align:top}
            thead th{background:#f3f5f7;position:sticky;top:0}
            td.n{text-align:right;font-variant-numeric:tabular-nums}
            td small{display:block;color:#57606a}
            .delivered,.right{background:#ddf4e0}.faulted,.wrong{background:#ffdcd7}.lost{background:#f1e0fb}
            .refused,.none{background:#fff1cc}a{color:inherit}
            p.delivered,p.faulted,p.lost,p.refused{padding:.4em .7em;border-radius:4px}
            svg{max-width:100%;height:auto}svg text{font:12px ui-monospace,monospace}
            @media (prefers-color-scheme:dark){body{color:#e6edf3;background:#0d1117}
              td,th{border-color:#30363d}thead th{background:#161b22}td small{color:#9aa4af}h2{border-color:#30363d}
              .delivered,.right{background:#12351c}.faulted,.wrong{background:#4a1814}.lost{background:#331a45}
              .refused,.none{background:#3f300b}svg{background:#fff;border-radius:4px}}
            </style>\
            """;

    private Page() {}

    static StringBuilder open(String title) {
        return new StringBuilder(
                        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">")
                .append("<meta name=\"viewport\" content=\"width=device-width\">")
                .append("<title>Belfry: ")
                .append(escape(title))
                .append("</title>\n")
                .append(STYLE)
                .append("</head><body>\n<h1 id=\"top\">")
                .append(escape(title))
                .append("</h1>\n");
    }

    static String close(StringBuilder out) {
        return out.append("</body></html>\n").toString();
    }

    /// The heading of one cell, with the way back.
    static void heading(StringBuilder out, String name) {
        out.append("<h2 id=\"").append(escape(name)).append("\">").append(escape(name));
        out.append(" <a href=\"#top\">to the table</a></h2>\n");
    }

    /// The guest's side on the left, the host's on the right, downwards in the order of the way.
    static void journey(StringBuilder out, String name, List<Hop> hops) {
        int height = (hops.size() + 1) * ROW + 6;
        out.append("<svg viewBox=\"0 0 ").append(WIDTH).append(' ').append(height);
        out.append("\" width=\"").append(WIDTH).append("\" height=\"").append(height);
        out.append("\" role=\"img\" aria-label=\"").append(escape("journey of " + name));
        out.append("\">\n");
        text(out, GUEST_X, ROW - 8, "guest", "#57606a");
        text(out, HOST_X, ROW - 8, "host", "#57606a");
        int previousX = -1;
        for (int i = 0; i < hops.size(); i++) {
            Hop hop = hops.get(i);
            int x = hop.where() == Where.GUEST ? GUEST_X : HOST_X;
            int y = (i + 1) * ROW;
            if (previousX >= 0) {
                line(out, previousX, x, y);
            }
            out.append("<g><title>").append(escape(hop.rule())).append("</title>");
            out.append(
                    "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"3\" fill=\"%s\"/>"
                            .formatted(x, y, BOX, ROW - 5, colour(hop.verdict())));
            text(out, x + ARROW, y + 14, label(hop), "#1b1f24");
            out.append("</g>\n");
            previousX = x;
        }
        out.append("</svg>\n");
    }

    /// From one box to the next; across, where the way changes sides.
    private static void line(StringBuilder out, int fromX, int toX, int y) {
        int from = fromX == toX ? fromX + ARROW / 2 : fromX < toX ? fromX + BOX : fromX;
        int to = fromX == toX ? from : fromX < toX ? toX : toX + BOX;
        int startY = fromX == toX ? y - 5 : y - ROW / 2 - 2;
        int endY = fromX == toX ? y : y + ROW / 2 - 3;
        out.append(
                "<line x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\" stroke=\"#57606a\"/>%n"
                        .formatted(from, startY, to, endY));
    }

    private static String label(Hop hop) {
        String at = hop.address().isPresent() ? " @" + Hex.of(hop.address().getAsLong()) : "";
        return hop.kind().name()
                + at
                + (hop.verdict() == Verdict.OK ? "" : "  " + hop.verdict().key());
    }

    private static String colour(Verdict verdict) {
        return switch (verdict) {
            case OK -> "#d3ecd6";
            case BROKEN -> "#ffb4a8";
            case SKIPPED, UNKNOWN -> "#e4e7ea";
        };
    }

    private static void text(StringBuilder out, int x, int y, String words, String colour) {
        out.append("<text x=\"%d\" y=\"%d\" fill=\"%s\">".formatted(x, y, colour));
        out.append(escape(words)).append("</text>");
    }

    static String escape(String s) {
        return s.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;")
                .replace("'", "&#39;");
    }
}
