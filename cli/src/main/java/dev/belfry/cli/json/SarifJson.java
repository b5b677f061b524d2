package dev.belfry.cli.json;

import dev.belfry.lab.check.CheckReport;
import dev.belfry.lab.check.Finding;
import dev.belfry.lab.check.Level;
import dev.belfry.lab.check.RuleInfo;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// `check --sarif`: SARIF 2.1.0 (OASIS), one run, a result a finding.
public final class SarifJson {

    private static final String SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json";

    private SarifJson() {}

    /// The log.
    public static ObjectNode of(String version, List<CheckReport> reports) {
        ObjectNode root = JsonNodeFactory.instance.objectNode();
        root.put("$schema", SCHEMA);
        root.put("version", "2.1.0");
        ObjectNode run = root.putArray("runs").addObject();
        ObjectNode driver = run.putObject("tool").putObject("driver");
        driver.put("name", "belfry");
        driver.put("version", version);
        Map<String, Integer> indexes = rules(driver.putArray("rules"), reports);
        run.put("columnKind", "utf16CodeUnits");
        ArrayNode results = run.putArray("results");
        for (CheckReport report : reports) {
            for (Finding p : report.findings()) {
                result(results.addObject(), indexes, report, p);
            }
        }
        return root;
    }

    private static Map<String, Integer> rules(ArrayNode array, List<CheckReport> reports) {
        Map<String, Integer> indexes = new LinkedHashMap<>();
        for (CheckReport report : reports) {
            for (Finding p : report.findings()) {
                if (indexes.putIfAbsent(p.rule(), indexes.size()) == null) {
                    rule(array.addObject(), p);
                }
            }
        }
        return indexes;
    }

    private static void rule(ObjectNode node, Finding p) {
        node.put("id", p.rule());
        RuleInfo about =
                RuleInfo.find(p.rule())
                        .orElse(
                                new RuleInfo(
                                        p.rule(),
                                        p.level(),
                                        p.when(),
                                        p.rule(),
                                        p.why(),
                                        p.source()));
        node.putObject("shortDescription").put("text", about.title());
        String why = about.why().isEmpty() ? about.title() : about.why();
        node.putObject("fullDescription").put("text", why);
        node.putObject("help").put("text", why + " (" + about.source() + ")");
        node.putObject("defaultConfiguration").put("level", level(about.level()));
        node.putObject("properties").put("severity", about.level().key());
    }

    private static void result(
            ObjectNode node, Map<String, Integer> indexes, CheckReport report, Finding p) {
        node.put("ruleId", p.rule());
        node.put("ruleIndex", indexes.getOrDefault(p.rule(), -1));
        node.put("level", level(p.level()));
        String fix = p.fix().isEmpty() ? "" : " (" + p.fix() + ")";
        node.putObject("message").put("text", p.message() + fix);
        ObjectNode place = node.putArray("locations").addObject().putObject("physicalLocation");
        place.putObject("artifactLocation").put("uri", uri(report.name()));
        ObjectNode region = place.putObject("region");
        region.put("startLine", Math.max(1, p.line()));
        region.put("startColumn", Math.max(1, p.column()));
        ObjectNode properties = node.putObject("properties");
        properties.put("severity", p.level().key());
        properties.put("phase", p.when().key());
    }

    /// A relative reference, with what a URI may not have written as it may.
    private static String uri(String name) {
        StringBuilder out = new StringBuilder();
        for (byte b : name.replace('\\', '/').getBytes(java.nio.charset.StandardCharsets.UTF_8)) {
            char c = (char) (b & 0xff);
            boolean plain = c < 0x80 && (Character.isLetterOrDigit(c) || "-._~/".indexOf(c) >= 0);
            out.append(plain ? String.valueOf(c) : String.format("%%%02X", b & 0xff));
        }
        return out.toString();
    }

    private static String level(Level level) {
        return switch (level) {
            case ERROR, LOST -> "error";
            case WARNING -> "warning";
            case NOTE -> "note";
        };
    }
}
