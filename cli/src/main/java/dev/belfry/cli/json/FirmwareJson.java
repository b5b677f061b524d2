package dev.belfry.cli.json;

import dev.belfry.lab.run.FirmwareLab;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Firmware tables as JSON.
public final class FirmwareJson {

    private FirmwareJson() {}

    /// The object of `belfry firmware --json`.
    public static ObjectNode of(String version, FirmwareLab.Report report) {
        ObjectNode root = Json.envelope(version, "firmware");
        ArrayNode tables = root.putArray("tables");
        for (FirmwareLab.Table table : report.tables()) {
            tables.addObject()
                    .put("file", table.file())
                    .put("length", table.bytes().length())
                    .put("about", table.about());
        }
        ArrayNode notes = root.putArray("notes");
        report.notes().forEach(notes::add);
        return root;
    }
}
