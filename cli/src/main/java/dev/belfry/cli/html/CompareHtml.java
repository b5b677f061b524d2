package dev.belfry.cli.html;

import dev.belfry.lab.compare.Cell;
import dev.belfry.lab.compare.Situation;
import java.util.List;

/// A comparison as one page: the matrix, and a diagram of each journey.
public final class CompareHtml {

    private CompareHtml() {}

    /// The page.
    public static String of(List<Cell> cells) {
        StringBuilder out = Page.open("MSI designs compared");
        matrix(out, cells);
        for (Cell c : cells) {
            section(out, c);
        }
        return Page.close(out);
    }

    private static void matrix(StringBuilder out, List<Cell> cells) {
        out.append("<div class=\"scroll\"><table><thead><tr><th>situation</th>");
        cells.stream()
                .map(c -> c.design().key())
                .distinct()
                .forEach(d -> out.append("<th>").append(Page.escape(d)).append("</th>"));
        out.append("</tr></thead><tbody>\n");
        for (Situation s : cells.stream().map(Cell::situation).distinct().toList()) {
            out.append("<tr><td><b>").append(Page.escape(s.key())).append("</b><small>");
            out.append(Page.escape(s.text())).append("</small></td>");
            for (Cell c : cells) {
                if (c.situation() == s) {
                    out.append("<td class=\"").append(c.outcome().key()).append("\"><a href=\"#");
                    out.append(Page.escape(c.name())).append("\">");
                    out.append(Page.escape(c.brief())).append("</a></td>");
                }
            }
            out.append("</tr>\n");
        }
        out.append("</tbody></table></div>\n");
    }

    private static void section(StringBuilder out, Cell c) {
        Page.heading(out, c.name());
        out.append("<p>").append(Page.escape(c.situation().text())).append("</p><p class=\"");
        out.append(c.outcome().key()).append("\">").append(Page.escape(c.brief())).append(": ");
        out.append(Page.escape(c.detail())).append("</p>\n");
        if (!c.hops().isEmpty()) {
            Page.journey(out, c.name(), c.hops());
        }
    }
}
