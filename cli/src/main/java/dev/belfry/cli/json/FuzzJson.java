package dev.belfry.cli.json;

import dev.belfry.lab.differential.FuzzReport;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeMap;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// A comparison with QEMU as JSON.
public final class FuzzJson {

    private FuzzJson() {}

    /// The object of `belfry fuzz --json`.
    ///
    /// @param against `qemu`, or the recording
    /// @param files where the scripts of the report's failures were written, in their order
    public static ObjectNode of(
            String version, String against, FuzzReport report, List<Path> files) {
        ObjectNode root = Json.envelope(version, "fuzz");
        root.put("against", against);
        root.put("qemu", report.qemu());
        root.put("identity", report.identity());
        root.put("cases", report.cases());
        root.put("notCompared", report.strayed());
        ArrayNode known = root.putArray("known");
        new TreeMap<>(report.known())
                .forEach((id, cases) -> known.addObject().put("id", id).put("cases", cases));
        ArrayNode mismatches = root.putArray("mismatches");
        for (int i = 0; i < report.failures().size(); i++) {
            FuzzReport.Failure f = report.failures().get(i);
            ObjectNode node = mismatches.addObject();
            node.put("script", f.name());
            node.put("sentence", f.sentence());
            if (i < files.size()) {
                node.put("file", files.get(i).toString());
            } else {
                node.putNull("file");
            }
        }
        return root;
    }
}
