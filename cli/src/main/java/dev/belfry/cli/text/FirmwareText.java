package dev.belfry.cli.text;

import dev.belfry.lab.run.FirmwareLab;
import java.io.PrintWriter;

/// Firmware tables, one line each.
public final class FirmwareText {

    private FirmwareText() {}

    /// Prints the list of tables, and what is to be noted.
    public static void print(PrintWriter out, FirmwareLab.Report report) {
        Table table = new Table("FILE", "BYTES", "WHAT");
        report.tables()
                .forEach(t -> table.row(t.file(), Integer.toString(t.bytes().length()), t.about()));
        table.print(out, "");
        report.notes().forEach(note -> out.println("note: " + note));
    }
}
