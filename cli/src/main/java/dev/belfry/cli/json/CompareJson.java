package dev.belfry.cli.json;

import dev.belfry.lab.compare.Cell;
import dev.belfry.lab.compare.DoorbellRow;
import dev.belfry.lab.compare.EndpointCell;
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

    /// `endpoints[]`: counts, each with the way of the last transfer.
    public static ObjectNode ofEndpoints(String version, List<EndpointCell> cells) {
        ObjectNode root = Json.envelope(version, "compare");
        ArrayNode array = root.putArray("endpoints");
        for (EndpointCell c : cells) {
            ObjectNode n = array.addObject();
            n.put("arrangement", c.arrangement().key());
            n.put("worker", c.worker().key());
            n.put("copies", c.copies());
            n.put("commands", c.commands());
            n.put("ioctls", c.ioctls());
            n.put("hostCommands", c.hostCommands());
            n.put("vmmWalks", c.vmmWalks());
            n.put("hostWalks", c.hostWalks());
            n.put("staleHits", c.staleHits());
            n.put("detail", c.detail());
            Json.hops(n, c.hops());
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
