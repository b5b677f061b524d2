package dev.belfry.cli.text;

import dev.belfry.cli.Paint;
import dev.belfry.model.bits.Hex;
import dev.belfry.model.journey.Hop;
import dev.belfry.model.journey.Verdict;
import java.io.PrintWriter;
import java.util.List;
import java.util.stream.Collectors;

/// A journey hop by hop: where, the address read, the bytes seen, the decoded fields, the verdict
/// and its rule.
public final class JourneyText {

    private static final int BYTES_A_LINE = 32;

    private final PrintWriter out;
    private final Paint paint;

    public JourneyText(PrintWriter out, Paint paint) {
        this.out = out;
        this.paint = paint;
    }

    /// Prints all hops, numbered from 1.
    public void print(List<Hop> hops) {
        int n = 1;
        for (Hop hop : hops) {
            print(n++, hop);
        }
    }

    private void print(int number, Hop hop) {
        String at = hop.address().isPresent() ? " @" + Hex.of(hop.address().getAsLong()) : "";
        out.printf(
                "%3d  %-5s %s%s  %s%n",
                number,
                hop.where().key(),
                paint.bold(hop.kind().name()),
                at,
                verdict(hop.verdict()));
        for (int i = 0; i < hop.bytes().length(); i += BYTES_A_LINE) {
            out.println("       " + paint.dim(bytes(hop, i)));
        }
        if (!hop.fields().isEmpty()) {
            out.println(
                    "       "
                            + hop.fields().entrySet().stream()
                                    .map(e -> e.getKey() + "=" + e.getValue())
                                    .collect(Collectors.joining(" ")));
        }
        out.println("       " + hop.rule());
    }

    private static String bytes(Hop hop, int from) {
        StringBuilder line = new StringBuilder();
        int to = Math.min(from + BYTES_A_LINE, hop.bytes().length());
        for (int i = from; i < to; i++) {
            if (i > from) {
                line.append((i - from) % 8 == 0 ? "  " : " ");
            }
            line.append(String.format("%02x", hop.bytes().at(i)));
        }
        return line.toString();
    }

    private String verdict(Verdict verdict) {
        return switch (verdict) {
            case OK -> paint.good("ok");
            case BROKEN -> paint.bad("BROKEN");
            case SKIPPED, UNKNOWN -> paint.dim(verdict.key());
        };
    }
}
