package dev.belfry.cli.text;

import dev.belfry.cli.Paint;
import dev.belfry.lab.compare.Cell;
import dev.belfry.lab.compare.DoorbellRow;
import dev.belfry.lab.compare.EndpointCell;
import dev.belfry.lab.compare.Situation;
import dev.belfry.lab.run.RunRequest.MsiDesign;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// A comparison as text: a matrix with a sentence for each cell that is not delivered.
public final class CompareText {

    private final PrintWriter out;
    private final Paint paint;

    public CompareText(PrintWriter out, Paint paint) {
        this.out = out;
        this.paint = paint;
    }

    /// Situations down, designs across.
    public void printMatrix(List<Cell> cells) {
        out.println(
                "What becomes of a passed-through device's MSIs: each cell is a run of host, VMM and"
                        + " guest; (guest) and (host) learn of the fault.");
        out.println();
        List<MsiDesign> designs = cells.stream().map(Cell::design).distinct().toList();
        List<String> head = new ArrayList<>(List.of("situation"));
        designs.forEach(d -> head.add(d.key()));
        Table table = new Table(head.toArray(String[]::new));
        for (Situation s : cells.stream().map(Cell::situation).distinct().toList()) {
            List<String> row = new ArrayList<>(List.of(s.key()));
            cells.stream().filter(c -> c.situation() == s).forEach(c -> row.add(c.brief()));
            table.row(row.toArray(String[]::new));
        }
        table.print(out, "  ");
        out.println();
        out.println(paint.bold("Why"));
        for (Situation situation : cells.stream().map(Cell::situation).distinct().toList()) {
            printReasons(situation, cells);
        }
        out.println();
        out.println(paint.dim("One journey: belfry compare --cell override/affinity"));
    }

    /// Designs that a situation stops for the same reason share a line.
    private void printReasons(Situation situation, List<Cell> cells) {
        Map<String, List<String>> designs = new LinkedHashMap<>();
        cells.stream()
                .filter(c -> c.situation() == situation)
                .filter(c -> c.outcome() != Cell.Outcome.DELIVERED)
                .forEach(c ->
                        designs.computeIfAbsent(c.detail(), d -> new ArrayList<>())
                                .add(c.design().key()));
        if (!designs.isEmpty()) {
            out.println("  " + paint.bold(situation.key()) + ": " + situation.text());
            designs.forEach(
                    (why, who) -> out.println("    " + String.join(", ", who) + ": " + why));
        }
    }

    /// The ways to learn the doorbell's address, one a line.
    public void printDoorbells(List<DoorbellRow> rows) {
        out.println(
                "Which address the VMM takes for the guest's doorbell, by the way it learns it, and"
                        + " what becomes of the interrupt with that in KVM's route.");
        out.println();
        Table table = new Table("way", "address", "");
        rows.forEach(r -> table.row(r.way(), r.outcome(), r.detail()));
        table.print(out, "  ");
    }

    /// What invalidations cost, an arrangement a line.
    public void printEndpoints(List<EndpointCell> cells) {
        out.println(
                "What invalidations cost, and what they miss, when an emulated device is behind an"
                        + " accelerated SMMU, too.");
        out.println();
        Table table =
                new Table(
                        "WORKS",
                        "ARRANGEMENT",
                        "COPIES",
                        "COMMANDS",
                        "IOCTLS",
                        "HOST COMMANDS",
                        "VMM WALKS",
                        "HOST WALKS",
                        "STALE HITS");
        for (EndpointCell c : cells) {
            table.row(
                    c.worker().key(),
                    c.arrangement().key(),
                    Integer.toString(c.copies()),
                    Long.toString(c.commands()),
                    Long.toString(c.ioctls()),
                    Long.toString(c.hostCommands()),
                    Long.toString(c.vmmWalks()),
                    Long.toString(c.hostWalks()),
                    c.staleHits() == 0 ? "0" : paint.bad(Long.toString(c.staleHits())));
        }
        table.print(out, "  ");
        out.println();
        cells.forEach(c -> out.println("  " + c.name() + ": " + c.detail()));
        out.println();
        cells.stream()
                .map(EndpointCell::arrangement)
                .distinct()
                .forEach(a -> out.println(paint.dim("  " + a.key() + ": " + a.text())));
    }

    /// One cell of the endpoint axis, hop by hop.
    public void printEndpoint(EndpointCell c) {
        printEndpoints(List.of(c));
        out.println();
        out.println(paint.bold("The way of its last address, which the guest has unmapped by now"));
        new JourneyText(out, paint).print(c.hops());
    }

    /// One cell, hop by hop.
    public void printCell(Cell c) {
        String outcome =
                c.outcome() == Cell.Outcome.DELIVERED
                        ? paint.good(c.brief())
                        : paint.bad(c.brief());
        out.println(paint.bold(c.name()) + ": " + outcome);
        out.println("  " + c.situation().text());
        out.println("  " + c.detail());
        out.println();
        new JourneyText(out, paint).print(c.hops());
    }
}
