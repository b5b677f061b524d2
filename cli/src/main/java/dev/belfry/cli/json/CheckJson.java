package dev.belfry.cli.json;

import dev.belfry.lab.check.CheckReport;
import dev.belfry.lab.check.Finding;
import dev.belfry.lab.check.RuleInfo;
import dev.belfry.lab.check.Verdict;
import dev.belfry.lab.run.DryRun;
import java.util.List;
import java.util.Locale;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// `check --json`.
public final class CheckJson {

    private CheckJson() {}

    /// One report.
    public static ObjectNode of(String version, CheckReport report) {
        ObjectNode root = Json.envelope(version, "check");
        fill(root, report);
        return root;
    }

    /// The reports of a folder.
    public static ObjectNode of(String version, List<CheckReport> reports) {
        ObjectNode root = Json.envelope(version, "check");
        ObjectNode summary = root.putObject("summary");
        summary.put("files", reports.size());
        for (Verdict v : Verdict.values()) {
            summary.put(v.key(), reports.stream().filter(r -> r.verdict() == v).count());
        }
        ArrayNode files = root.putArray("files");
        for (CheckReport report : reports) {
            ObjectNode file = files.addObject();
            file.put("file", report.name());
            fill(file, report);
        }
        return root;
    }

    /// Rules.
    public static ObjectNode rules(String version, List<RuleInfo> rules) {
        ObjectNode root = Json.envelope(version, "check");
        ArrayNode array = root.putArray("rules");
        for (RuleInfo a : rules) {
            ObjectNode node = array.addObject();
            node.put("rule", a.id());
            node.put("severity", a.level().key());
            node.put("phase", a.when().key());
            node.put("title", a.title());
            node.put("why", a.why());
            node.put("source", a.source());
        }
        return root;
    }

    private static void fill(ObjectNode node, CheckReport report) {
        node.put("verdict", report.verdict().key());
        ArrayNode findings = node.putArray("findings");
        report.findings().forEach(p -> finding(findings.addObject(), p));
        report.run().ifPresent(run -> run(node.putObject("run"), run));
    }

    private static void finding(ObjectNode node, Finding p) {
        node.put("rule", p.rule());
        node.put("severity", p.level().key());
        node.put("phase", p.when().key());
        ObjectNode at = node.putObject("at");
        at.put("line", p.line());
        at.put("column", p.column());
        at.put("text", p.text());
        node.put("message", p.message());
        node.put("why", p.why());
        node.put("source", p.source());
        node.put("fix", p.fix());
        node.put("fixable", p.fixable());
    }

    private static void run(ObjectNode node, DryRun run) {
        node.put("ran", run.unable().isEmpty() && run.refusal().isEmpty());
        node.put("vectors", run.vectors());
        node.put("transfers", run.transfers());
        ArrayNode losses = node.putArray("losses");
        for (DryRun.Loss loss : run.losses()) {
            ObjectNode l = losses.addObject();
            l.put("kind", loss.kind().name().toLowerCase(Locale.ROOT));
            l.put("sentence", loss.sentence());
            Json.hops(l, loss.hops());
        }
    }
}
