package dev.belfry.cli.text;

import dev.belfry.cli.Paint;
import dev.belfry.lab.check.CheckReport;
import dev.belfry.lab.check.Finding;
import dev.belfry.lab.check.Fixed;
import dev.belfry.lab.check.Level;
import dev.belfry.lab.check.RuleInfo;
import dev.belfry.lab.check.Verdict;
import dev.belfry.lab.run.DryRun;
import java.io.PrintWriter;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/// A check's report as text: the verdict, then each finding with its place, reason and fix.
public final class CheckText {

    private final PrintWriter out;
    private final Paint paint;

    public CheckText(PrintWriter out, Paint paint) {
        this.out = out;
        this.paint = paint;
    }

    /// Prints one report.
    public void print(CheckReport report) {
        out.println(headline(report));
        String[] lines = report.text().split("\\R", -1);
        for (Finding p : report.findings()) {
            out.println();
            finding(report.name(), lines, p);
        }
    }

    /// Prints the reports of a folder: what does not work, and a summary.
    public void print(List<CheckReport> reports) {
        Map<Verdict, Integer> counts = new EnumMap<>(Verdict.class);
        for (CheckReport report : reports) {
            counts.merge(report.verdict(), 1, Integer::sum);
            if (report.verdict() != Verdict.OK) {
                out.println(word(report.verdict()) + "  " + paint.bold(report.name()));
                report.findings().stream()
                        .filter(p -> p.level() != Level.NOTE)
                        .forEach(p ->
                                out.println(
                                        "    "
                                                + p.line()
                                                + ":"
                                                + p.column()
                                                + "  "
                                                + p.rule()
                                                + "  "
                                                + p.message()));
            }
        }
        StringBuilder summary = new StringBuilder();
        counts.forEach((v, n) -> summary.append(", ").append(n).append(' ').append(v.key()));
        out.println(reports.size() + " files" + summary + ".");
    }

    /// What `--fix` did, and what is left.
    public void repaired(Fixed fixed) {
        int before = fixed.before().findings().size();
        int after = fixed.after().findings().size();
        out.println(
                "belfry: before: "
                        + fixed.before().verdict().key()
                        + count(before)
                        + "; now: "
                        + fixed.after().verdict().key()
                        + count(after));
        for (Finding p : fixed.mended()) {
            out.println("  mended " + p.rule() + ": " + p.message() + fixOf(p));
        }
        for (Finding p : fixed.after().findings()) {
            out.println(
                    "  "
                            + p.level().key()
                            + " "
                            + p.rule()
                            + " at line "
                            + p.line()
                            + ", column "
                            + p.column()
                            + ": "
                            + p.message()
                            + fixOf(p));
        }
    }

    private static String count(int findings) {
        return findings == 1 ? ", 1 finding" : ", " + findings + " findings";
    }

    private static String fixOf(Finding p) {
        return p.fix().isEmpty() ? "" : "; " + p.fix();
    }

    /// All about one rule.
    public void explain(RuleInfo about) {
        out.println(paint.bold(about.id()) + ": " + about.title());
        out.println();
        out.println("  severity  " + about.level().key());
        out.println("  phase     " + about.when().sentence());
        if (!about.why().isEmpty()) {
            out.println("  why       " + about.why());
        }
        out.println("  source    " + about.source());
    }

    /// One line a rule.
    public void rules(List<RuleInfo> all) {
        int width = all.stream().mapToInt(a -> a.id().length()).max().orElse(0);
        for (RuleInfo a : all) {
            out.println(
                    String.format(
                            "%-" + width + "s  %-7s  %s", a.id(), a.level().key(), a.title()));
        }
    }

    private String headline(CheckReport report) {
        long errors = count(report, Level.ERROR);
        long lost = count(report, Level.LOST);
        String run = report.run().map(CheckText::ran).orElse("; it was not run on the model");
        return switch (report.verdict()) {
            case OK -> paint.good("This will work") + run + ".";
            case WARNING ->
                    paint.good("This will work")
                            + ", though probably not all of it as meant"
                            + run
                            + ".";
            case LOST ->
                    paint.bad("This will start and lose DMA or interrupts")
                            + " ("
                            + lost
                            + (lost == 1 ? " finding)" : " findings)")
                            + run
                            + ".";
            case REFUSED ->
                    paint.bad("This will not start")
                            + ": "
                            + first(report)
                            + (errors == 1 ? "" : " (and " + (errors - 1) + " more)");
        };
    }

    private static String ran(DryRun run) {
        return run.unable().isEmpty()
                ? "; run on the model: "
                        + run.vectors()
                        + " vectors fired"
                        + (run.vectors() == 0
                                ? ""
                                : " (at most " + DryRun.VECTORS + " of a device)")
                        + ", "
                        + run.transfers()
                        + " copies made, "
                        + (run.losses().isEmpty() ? "none" : run.losses().size())
                        + " lost"
                : "; it was not run on the model: " + run.unable();
    }

    private static String first(CheckReport report) {
        return report.findings().stream()
                .filter(p -> p.level() == Level.ERROR)
                .findFirst()
                .map(Finding::message)
                .orElse("");
    }

    private static long count(CheckReport report, Level level) {
        return report.findings().stream().filter(p -> p.level() == level).count();
    }

    private void finding(String name, String[] lines, Finding p) {
        String head = p.level().key();
        boolean bad = p.level() == Level.ERROR || p.level() == Level.LOST;
        out.println(
                (bad ? paint.bad(head) : paint.bold(head)) + " " + p.rule() + ": " + p.message());
        place(name, lines, p);
        out.println("    " + paint.dim("when  ") + p.when().sentence());
        if (!p.why().isEmpty()) {
            out.println("    " + paint.dim("why   ") + p.why());
        }
        if (!p.source().isEmpty()) {
            out.println("    " + paint.dim("from  ") + p.source());
        }
        if (!p.fix().isEmpty()) {
            out.println("    " + paint.dim("fix   ") + p.fix());
        }
    }

    private void place(String name, String[] lines, Finding at) {
        Excerpt excerpt = Excerpt.of(lines, at);
        out.println("  " + name + ":" + at.line() + ":" + at.column());
        if (!excerpt.text().isEmpty()) {
            out.println("    " + excerpt.text());
            out.println("    " + paint.bad(excerpt.carets()));
        }
    }

    private String word(Verdict verdict) {
        String text = String.format("%-7s", verdict.key());
        return verdict.works() ? paint.bold(text) : paint.bad(text);
    }
}
