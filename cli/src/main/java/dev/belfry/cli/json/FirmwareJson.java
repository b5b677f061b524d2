package dev.belfry.cli.json;

import dev.belfry.lab.run.FirmwareLab;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Firmware tables as JSON.
public final class FirmwareJson {

    private FirmwareJson() {}

    /// The object of `belfry firmware --json`.
    ///
    /// @param directory where the files were written, if they were
    public static ObjectNode of(
            String version, FirmwareLab.Report report, Optional<Path> directory) {
        ObjectNode root = Json.envelope(version, "firmware");
        root.put("directory", directory.map(Path::toString).orElse(null));
        ArrayNode tables = root.putArray("tables");
        for (FirmwareLab.Table table : report.tables()) {
            tables.addObject()
                    .put("file", table.file())
                    .put("length", table.bytes().length())
                    .put("about", table.about())
                    .put("reader", reader(table.file()));
        }
        ArrayNode notes = root.putArray("notes");
        report.notes().forEach(notes::add);
        return root;
    }

    /// What shows it as text; an RSDP has no header that `iasl` could go by.
    private static @Nullable String reader(String file) {
        return file.endsWith(".dtb")
                ? "dtc -I dtb -O dts " + file
                : file.startsWith("RSDP") ? null : "iasl -d " + file;
    }
}
