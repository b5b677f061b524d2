package dev.belfry.cli.html;

import dev.belfry.lab.compare.DoorbellRow;
import dev.belfry.lab.compare.EndpointCell;
import java.util.List;
import java.util.stream.Stream;

/// The other axes of a comparison, each as one page.
public final class AxisHtml {

    private AxisHtml() {}

    /// How the doorbell's address is learnt.
    public static String ofDoorbells(List<DoorbellRow> rows) {
        StringBuilder out = Page.open("How the doorbell's address is learnt");
        head(out, "way", "address", "");
        for (DoorbellRow r : rows) {
            out.append("<tr><td>").append(Page.escape(r.way()));
            out.append("</td><td class=\"").append(Page.escape(r.outcome())).append("\">");
            out.append(Page.escape(r.outcome())).append("</td><td>");
            out.append(Page.escape(r.detail())).append("</td></tr>\n");
        }
        return Page.close(out.append("</tbody></table></div>\n"));
    }

    /// What invalidations cost.
    public static String ofEndpoints(List<EndpointCell> cells) {
        StringBuilder out = Page.open("Emulated endpoints behind an accelerated SMMU");
        head(
                out,
                "works",
                "arrangement",
                "copies",
                "commands",
                "ioctls",
                "host commands",
                "VMM walks",
                "host walks",
                "stale hits");
        for (EndpointCell c : cells) {
            out.append("<tr><td>").append(Page.escape(c.worker().key()));
            out.append("</td><td><a href=\"#").append(Page.escape(c.name())).append("\">");
            out.append(Page.escape(c.arrangement().key())).append("</a><small>");
            out.append(Page.escape(c.arrangement().text())).append("</small></td>");
            Stream.of(
                            c.copies(),
                            c.commands(),
                            c.ioctls(),
                            c.hostCommands(),
                            c.vmmWalks(),
                            c.hostWalks())
                    .forEach(n -> out.append("<td class=\"n\">").append(n).append("</td>"));
            out.append("<td class=\"n").append(c.staleHits() == 0 ? "" : " wrong").append("\">");
            out.append(c.staleHits()).append("</td></tr>\n");
        }
        out.append("</tbody></table></div>\n");
        for (EndpointCell c : cells) {
            Page.heading(out, c.name());
            out.append("<p>").append(Page.escape(c.detail())).append("</p>\n");
            Page.journey(out, c.name(), c.hops());
        }
        return Page.close(out);
    }

    private static void head(StringBuilder out, String... columns) {
        out.append("<div class=\"scroll\"><table><thead><tr>");
        for (String c : columns) {
            out.append("<th>").append(Page.escape(c)).append("</th>");
        }
        out.append("</tr></thead><tbody>\n");
    }
}
