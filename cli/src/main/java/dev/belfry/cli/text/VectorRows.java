package dev.belfry.cli.text;

import dev.belfry.cli.Paint;
import dev.belfry.lab.explain.ExplainReport.State;
import dev.belfry.lab.explain.ExplainReport.Vector;
import dev.belfry.model.bits.Hex;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.NavigableSet;
import java.util.TreeSet;

/// Vectors as a table: neighbours that are alike share a row, broken ones come first.
final class VectorRows {

    private record Row(Vector first, Vector last, NavigableSet<Integer> cpus) {

        private boolean goesOnWith(Vector v) {
            return last.device().equals(v.device())
                    && last.vector() + 1 == v.vector()
                    && last.state() == v.state()
                    && last.stoppedAt().equals(v.stoppedAt())
                    && last.policy().equals(v.policy())
                    && last.doorbell().equals(v.doorbell())
                    && last.address() == v.address()
                    && last.masked() == v.masked();
        }

        private Row with(Vector v) {
            v.cpu().ifPresent(cpus::add);
            return new Row(first, v, cpus);
        }

        private boolean single() {
            return first.vector() == last.vector();
        }
    }

    private VectorRows() {}

    static void print(PrintWriter out, Paint paint, List<Vector> vectors) {
        List<Row> rows = new ArrayList<>();
        for (Vector v : vectors) {
            if (!rows.isEmpty() && rows.getLast().goesOnWith(v)) {
                rows.set(rows.size() - 1, rows.getLast().with(v));
            } else {
                rows.add(new Row(v, v, new TreeSet<>()).with(v));
            }
        }
        rows.sort(Comparator.comparingInt(r -> rank(r.first.state())));
        Table table =
                new Table(
                        "DEVICE",
                        "VECTOR",
                        "MESSAGE",
                        "STREAM",
                        "DOORBELL",
                        "INTID",
                        "CPU",
                        "RESULT");
        for (Row r : rows) {
            Vector v = r.first;
            boolean used = v.state() != State.UNUSED;
            table.row(
                    v.device(),
                    r.single() ? "" + v.vector() : v.vector() + "-" + r.last.vector(),
                    used ? message(r) : "-",
                    v.policy(),
                    v.doorbell(),
                    span(Show.number(v.intId()), Show.number(r.last.intId())),
                    cpus(r),
                    result(paint, v));
        }
        table.print(out, "  ");
    }

    private static int rank(State state) {
        return switch (state) {
            case LOST -> 0;
            case UNKNOWN -> 1;
            case DELIVERED -> 2;
            case MASKED -> 3;
            case UNUSED -> 4;
        };
    }

    private static String message(Row r) {
        return Hex.of(r.first.address())
                + " data "
                + span(
                        Integer.toUnsignedString(r.first.data()),
                        Integer.toUnsignedString(r.last.data()));
    }

    private static String cpus(Row r) {
        if (r.cpus.isEmpty()) {
            return "-";
        }
        boolean contiguous = r.cpus.last() - r.cpus.first() + 1 == r.cpus.size();
        return contiguous ? span("" + r.cpus.first(), "" + r.cpus.last()) : r.cpus.size() + " CPUs";
    }

    private static String span(String first, String last) {
        return first.equals(last) ? first : first + ".." + last;
    }

    private static String result(Paint paint, Vector v) {
        return switch (v.state()) {
            case DELIVERED -> paint.good("delivered");
            case LOST -> paint.bad("LOST at " + v.stoppedAt().map(Enum::name).orElse("?"));
            case UNKNOWN -> paint.bad("not known");
            case MASKED -> paint.dim("masked by its driver");
            case UNUSED -> paint.dim("never programmed");
        };
    }
}
