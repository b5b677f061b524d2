package dev.belfry.cli.text;

import dev.belfry.cli.Paint;
import dev.belfry.lab.run.RunReport;
import dev.belfry.model.journey.Hop;
import dev.belfry.model.journey.HopKind;
import dev.belfry.model.journey.Verdict;
import dev.belfry.model.journey.Where;
import java.io.PrintWriter;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What the ITSs on both sides hold of each vector, from the device's entry to the CPU: two rows a
/// vector, the host's and the guest's.
final class InterruptTablesText {

    private final PrintWriter out;
    private final Paint paint;

    InterruptTablesText(PrintWriter out, Paint paint) {
        this.out = out;
        this.paint = paint;
    }

    void print(List<RunReport.Vector> vectors) {
        Table table = new Table("DEVICE", "VEC", "SIDE", "DTE", "ITE", "CTE", "LPI", "CPU");
        for (RunReport.Vector v : vectors) {
            for (Where side : List.of(Where.HOST, Where.GUEST)) {
                List<Hop> hops = v.hops().stream().filter(h -> h.where() == side).toList();
                if (hops.stream().anyMatch(h -> isEntry(h.kind()))) {
                    row(table, v, side, hops);
                }
            }
        }
        out.println(paint.bold("Interrupt tables"));
        if (table.isEmpty()) {
            out.println("  none: no message reached an ITS or a GICv2m frame");
        } else {
            table.print(out, "  ");
        }
        out.println();
    }

    private static boolean isEntry(HopKind kind) {
        return kind == HopKind.ITS || kind == HopKind.SPI;
    }

    private void row(Table table, RunReport.Vector v, Where side, List<Hop> hops) {
        table.row(
                v.device(),
                Integer.toString(v.vector()),
                side == Where.HOST ? "host" : "guest",
                cell(hops, HopKind.DTE, "ITT %s, size %s", "ITT_addr", "Size"),
                cell(hops, HopKind.ITE, "INTID %s, collection %s", "INTID", "ICID"),
                cell(hops, HopKind.CTE, "%s to CPU %s", "ICID", "RDbase"),
                find(hops, HopKind.SPI).isPresent()
                        ? cell(hops, HopKind.SPI, "SPI %s", "INTID")
                        : cell(hops, HopKind.LPI, "priority %s, enable %s", "Priority", "Enable"),
                side == Where.HOST
                        ? cell(hops, HopKind.CPU, "%s", "cpu")
                        : cell(hops, HopKind.CPU, "%s", "vcpu"));
    }

    private static Optional<Hop> find(List<Hop> hops, HopKind kind) {
        return hops.stream().filter(h -> h.kind() == kind).findFirst();
    }

    private String cell(List<Hop> hops, HopKind kind, String form, String... fields) {
        Optional<Hop> hop = find(hops, kind);
        if (hop.isEmpty() || hop.get().verdict() == Verdict.SKIPPED) {
            return "-";
        }
        if (hop.get().verdict() == Verdict.BROKEN) {
            return paint.bad("broken");
        }
        Map<String, String> seen = hop.get().fields();
        Object[] values = new Object[fields.length];
        for (int i = 0; i < fields.length; i++) {
            values[i] = seen.getOrDefault(fields[i], "?");
        }
        return form.formatted(values);
    }
}
