package dev.belfry.cli.json;

import dev.belfry.lab.compare.Cell;
import dev.belfry.lab.compare.DoorbellRow;
import java.util.List;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// A comparison as JSON.
public final class CompareJson {

    private CompareJson() {}

    /// `doorbells[]`: `{way, outcome, detail}`.
    public static ObjectNode ofDoorbells(String version, List<DoorbellRow> rows) {
        ObjectNode root = Json.envelope(version, "compare");
        ArrayNode array = root.putArray("doorbells");
        for (DoorbellRow r : rows) {
            array.addObject()
                    .put("way", r.way())
                    .put("outcome", r.outcome())
                    .put("detail", r.detail());
        }
        return root;
    }

    /// `cells[]`, each with its journey's `hops[]`.
    public static ObjectNode of(String version, List<Cell> cells) {
        ObjectNode root = Json.envelope(version, "compare");
        ArrayNode array = root.putArray("cells");
        for (Cell c : cells) {
            ObjectNode n = array.addObject();
            n.put("design", c.design().key());
            n.put("situation", c.situation().key());
            n.put("outcome", c.outcome().key());
            n.put("detail", c.detail());
            Json.text(n, "event", c.event());
            Json.text(n, "errno", c.errno());
            Json.text(n, "seenBy", c.seenBy());
            Json.hops(n, c.hops());
        }
        return root;
    }
}
