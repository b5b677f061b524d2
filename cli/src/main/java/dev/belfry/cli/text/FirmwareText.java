package dev.belfry.cli.text;

import dev.belfry.lab.run.FirmwareLab;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Optional;

/// Firmware tables, one line each.
public final class FirmwareText {

    private FirmwareText() {}

    /// Prints the list of tables, what is to be noted, and what to do with the files.
    ///
    /// @param directory where they were written, if they were
    public static void print(PrintWriter out, FirmwareLab.Report report, Optional<Path> directory) {
        Table table = new Table("FILE", "BYTES", "WHAT");
        report.tables()
                .forEach(t -> table.row(t.file(), Integer.toString(t.bytes().length()), t.about()));
        table.print(out, "");
        report.notes().forEach(note -> out.println("note: " + note));
        out.println();
        if (directory.isEmpty()) {
            out.println("Nothing was written: -o DIR writes these files.");
            return;
        }
        Path iort = directory.get().resolve("IORT.dat");
        Path tree = directory.get().resolve("virt.dtb");
        boolean acpi = report.tables().size() > 1;
        out.println("Written to " + directory.get() + ". To read them:");
        if (acpi) {
            out.println(
                    "    iasl -d "
                            + iort
                            + "    (any but RSDP.bin; RMR nodes from iasl 20210331 on)");
        }
        out.println("    dtc -I dtb -O dts " + tree);
        out.println("To try them in a VM:");
        if (acpi) {
            out.println(
                    "    ACPI: raise the OEM revision, put the table as kernel/firmware/acpi/IORT.aml"
                            + " into an uncompressed");
            out.println(
                    "    cpio in front of the initrd (CONFIG_ACPI_TABLE_UPGRADE); QEMU for Arm has no"
                            + " -acpitable");
        }
        out.println("    tree: -kernel Image -dtb " + tree + ", without firmware");
    }
}
