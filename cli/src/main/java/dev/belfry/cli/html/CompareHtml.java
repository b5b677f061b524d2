package dev.belfry.cli.html;

import dev.belfry.lab.compare.Cell;
import dev.belfry.lab.compare.Situation;
import dev.belfry.model.bits.Hex;
import dev.belfry.model.journey.Hop;
import dev.belfry.model.journey.Verdict;
import dev.belfry.model.journey.Where;
import java.util.List;

/// A comparison as one page: the matrix, and a diagram of each journey.
public final class CompareHtml {

    private static final int ROW = 22;
    private static final int WIDTH = 860;
    private static final int GUEST_X = 20;
    private static final int HOST_X = 440;
    private static final int BOX = 400;

    private static final String HEAD =
            """
            <!doctype html>
            <html lang="en"><head><meta charset="utf-8"><title>Belfry: MSI designs compared</title>
            <style>
            body{font:14px system-ui,sans-serif;margin:2em;color:#222}
            table{border-collapse:collapse}td,th{border:1px solid #ccc;padding:.4em .6em;text-align:left}
            .delivered{background:#e3f4e3}.faulted{background:#fbe3e0}.lost{background:#f3e3f4}
            .refused{background:#fdf3d8}a{color:inherit}svg{max-width:100%}
            svg text{font:11px ui-monospace,monospace}h2{margin-top:2em}
            </style></head><body>
            <h1>MSI designs compared</h1>
            """;

    private CompareHtml() {}

    /// The page.
    public static String of(List<Cell> cells) {
        StringBuilder out = new StringBuilder(HEAD);
        matrix(out, cells);
        for (Cell c : cells) {
            section(out, c);
        }
        return out.append("</body></html>\n").toString();
    }

    private static void matrix(StringBuilder out, List<Cell> cells) {
        out.append("<table><tr><th>situation</th>");
        cells.stream()
                .map(c -> c.design().key())
                .distinct()
                .forEach(d -> out.append("<th>").append(escape(d)).append("</th>"));
        out.append("</tr>\n");
        for (Situation s : cells.stream().map(Cell::situation).distinct().toList()) {
            out.append("<tr><th title=\"").append(escape(s.text())).append("\">");
            out.append(escape(s.key())).append("</th>");
            for (Cell c : cells) {
                if (c.situation() == s) {
                    out.append("<td class=\"").append(c.outcome().key()).append("\"><a href=\"#");
                    out.append(escape(c.name())).append("\">").append(escape(c.brief()));
                    out.append("</a></td>");
                }
            }
            out.append("</tr>\n");
        }
        out.append("</table>\n");
    }

    private static void section(StringBuilder out, Cell c) {
        out.append("<h2 id=\"").append(escape(c.name())).append("\">").append(escape(c.name()));
        out.append("</h2>\n<p>").append(escape(c.situation().text())).append("</p><p class=\"");
        out.append(c.outcome().key()).append("\">").append(escape(c.brief())).append(": ");
        out.append(escape(c.detail())).append("</p>\n");
        if (!c.hops().isEmpty()) {
            diagram(out, c);
        }
    }

    /// The guest's side on the left, the host's on the right, downwards in the order of the way.
    private static void diagram(StringBuilder out, Cell c) {
        int height = (c.hops().size() + 2) * ROW;
        out.append("<svg viewBox=\"0 0 ").append(WIDTH).append(' ').append(height);
        out.append("\" width=\"").append(WIDTH).append("\" role=\"img\" aria-label=\"");
        out.append(escape("journey of " + c.name())).append("\">\n");
        text(out, GUEST_X, ROW - 6, "guest", "#555");
        text(out, HOST_X, ROW - 6, "host", "#555");
        int previousX = -1;
        for (int i = 0; i < c.hops().size(); i++) {
            Hop hop = c.hops().get(i);
            int x = hop.where() == Where.GUEST ? GUEST_X : HOST_X;
            int y = (i + 1) * ROW;
            if (previousX >= 0) {
                out.append(
                        "<line x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\" stroke=\"#888\"/>%n"
                                .formatted(previousX + 8, y - 4, x + 8, y));
            }
            out.append("<g><title>").append(escape(hop.rule())).append("</title>");
            out.append(
                    "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"3\" fill=\"%s\"/>"
                            .formatted(x, y, BOX, ROW - 4, colour(hop.verdict())));
            text(out, x + 16, y + 13, label(hop), "#111");
            out.append("</g>\n");
            previousX = x;
        }
        out.append("</svg>\n");
    }

    private static String label(Hop hop) {
        String at = hop.address().isPresent() ? " @" + Hex.of(hop.address().getAsLong()) : "";
        return hop.kind().name()
                + at
                + (hop.verdict() == Verdict.OK ? "" : "  " + hop.verdict().key());
    }

    private static String colour(Verdict verdict) {
        return switch (verdict) {
            case OK -> "#d7ecd7";
            case BROKEN -> "#f3b6ae";
            case SKIPPED, UNKNOWN -> "#e6e6e6";
        };
    }

    private static void text(StringBuilder out, int x, int y, String words, String colour) {
        out.append("<text x=\"%d\" y=\"%d\" fill=\"%s\">".formatted(x, y, colour));
        out.append(escape(words)).append("</text>");
    }

    private static String escape(String s) {
        return s.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;")
                .replace("'", "&#39;");
    }
}
