package dev.belfry.cli.text;

import dev.belfry.cli.Paint;
import dev.belfry.lab.explain.ExplainReport;
import dev.belfry.lab.explain.ExplainReport.State;
import dev.belfry.lab.explain.ExplainReport.Vector;
import dev.belfry.model.bits.Hex;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;

/// An explanation as text: one sentence first, then the table or the journeys, then what the queues
/// tell.
public final class ExplainText {

    private final PrintWriter out;
    private final Paint paint;

    public ExplainText(PrintWriter out, Paint paint) {
        this.out = out;
        this.paint = paint;
    }

    /// Prints the table of all functions and vectors.
    public void printTable(ExplainReport report) {
        out.println(headline(report));
        out.println();
        functions(report);
        if (!report.vectors().isEmpty()) {
            out.println(paint.bold("Vectors"));
            VectorRows.print(out, paint, report.vectors());
            out.println();
        }
        rest(report);
    }

    /// Prints one function's journeys.
    public void printJourneys(ExplainReport report) {
        if (report.dma().isPresent() || report.iovaMap().isPresent()) {
            report.dma().ifPresent(this::dma);
            report.iovaMap().ifPresent(this::map);
            source(report);
            return;
        }
        out.println(headline(report));
        out.println();
        functions(report);
        List<Vector> told = new ArrayList<>();
        List<Vector> unused = new ArrayList<>();
        for (Vector v : report.vectors()) {
            (v.state() == State.UNUSED ? unused : told).add(v);
        }
        for (Vector v : told) {
            out.println(paint.bold(v.sentence()));
            if (!v.symptom().isEmpty()) {
                out.println(v.symptom());
            }
            out.println();
            new JourneyText(out, paint).print(v.hops());
            if (!v.expected().isEmpty()) {
                out.println("     " + paint.bold("Expected: ") + v.expected());
            }
            out.println();
        }
        if (!unused.isEmpty()) {
            VectorRows.print(out, paint, unused);
            out.println();
        }
        rest(report);
    }

    private String headline(ExplainReport report) {
        Headline headline = Headline.of(report);
        String first =
                switch (headline.mood()) {
                    case WELL -> paint.good(headline.first());
                    case BAD -> paint.bad(headline.first());
                    case NEITHER -> paint.bold(headline.first());
                };
        return first + headline.then() + (headline.more().isEmpty() ? "" : "\n" + headline.more());
    }

    private void functions(ExplainReport report) {
        out.println(paint.bold("Functions"));
        Table table =
                new Table(
                        "DEVICE",
                        "ID",
                        "CLASS",
                        "INTERRUPTS",
                        "SMMU",
                        "STREAMID",
                        "STREAM",
                        "DEVICEID");
        for (ExplainReport.Function f : report.functions()) {
            table.row(
                    f.device(),
                    "%04x:%04x".formatted(f.vendorId(), f.deviceId()),
                    f.classCode() == 0 ? "-" : "%04x".formatted(f.classCode()),
                    f.interrupts(),
                    Show.text(f.smmu()),
                    Show.hex(f.streamId()),
                    f.policy(),
                    Show.hex(f.itsDeviceId()));
        }
        table.print(out, "  ");
        out.println();
    }

    private void rest(ExplainReport report) {
        new HistoryText(out, paint).print(report);
        source(report);
    }

    private void source(ExplainReport report) {
        out.println("Read from " + report.source() + ".");
        report.notes().forEach(n -> out.println(paint.dim("  " + n)));
    }

    private void dma(ExplainReport.Dma dma) {
        out.println(paint.bold(dma.sentence()));
        out.println();
        new JourneyText(out, paint).print(dma.hops());
        out.println();
    }

    private void map(ExplainReport.Stage1 map) {
        String pasid = map.pasid().isPresent() ? " with PASID " + map.pasid().getAsInt() : "";
        out.println(paint.bold("Stage 1 of " + map.device() + pasid) + " (" + map.policy() + ")");
        if (map.ranges().isEmpty()) {
            out.println("  nothing is mapped");
        }
        Table table = new Table("IOVA", "SIZE", "OUTPUT", "ACCESS", "ATTRIBUTES", "WHAT");
        for (ExplainReport.Range r : map.ranges()) {
            table.row(
                    Hex.of(r.iova()) + " - " + Hex.of(r.iova() + r.size() - 1),
                    Show.size(r.size()),
                    Hex.of(r.output()),
                    r.access(),
                    r.attributes(),
                    r.what());
        }
        if (!table.isEmpty()) {
            table.print(out, "  ");
        }
        if (!map.complete()) {
            out.println("  … and more that was not listed");
        }
        if (!map.pasids().isEmpty()) {
            out.println("  PASIDs with a context of their own (--pasid): " + map.pasids());
        }
        out.println();
    }
}
