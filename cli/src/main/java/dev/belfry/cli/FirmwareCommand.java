package dev.belfry.cli;

import dev.belfry.cli.json.FirmwareJson;
import dev.belfry.cli.json.Json;
import dev.belfry.cli.text.FirmwareText;
import dev.belfry.lab.InputError;
import dev.belfry.lab.run.FirmwareLab;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `belfry firmware`: writes what a command line's firmware tells the guest.
@Command(
        name = "firmware",
        mixinStandardHelpOptions = true,
        description =
                "Writes the ACPI tables and the device tree that the guest of a QEMU command line"
                        + " gets.",
        customSynopsis = {
            "belfry firmware [OPTIONS] FILE.args -o DIR",
            "       belfry firmware [OPTIONS] -o DIR -- qemu-system-aarch64 …"
        },
        sortOptions = false)
final class FirmwareCommand implements Callable<Integer> {

    private final Terminal terminal;
    private final List<String> qemu;

    @Mixin private LaunchOptions launch = new LaunchOptions();

    @Option(
            names = {"-o", "--output"},
            paramLabel = "DIR",
            description =
                    "Where to write; made if it is not there. Without it, nothing is written.")
    private @Nullable Path output;

    @Option(
            names = "--qemu-version",
            paramLabel = "V",
            defaultValue = "11.1",
            description = "The QEMU whose tables are meant, 7.2 to 11.1 (default: 11.1).")
    private String version = "11.1";

    FirmwareCommand(Terminal terminal, List<String> qemu) {
        this.terminal = terminal;
        this.qemu = qemu;
    }

    @Override
    public Integer call() throws InputError {
        FirmwareLab.Report report;
        try {
            report =
                    FirmwareLab.build(
                            new FirmwareLab.Request(
                                    launch.source("build firmware for", qemu),
                                    launch.host(),
                                    version),
                            terminal.progress());
        } finally {
            terminal.endProgress();
        }
        Path directory = output;
        if (directory != null) {
            write(directory, report);
        }
        if (launch.json()) {
            Json.print(
                    terminal.out(),
                    FirmwareJson.of(
                            Main.Version.current(), report, Optional.ofNullable(directory)));
        } else {
            FirmwareText.print(terminal.out(), report, Optional.ofNullable(directory));
        }
        return Main.WELL;
    }

    private static void write(Path directory, FirmwareLab.Report report) throws InputError {
        try {
            Files.createDirectories(directory);
            for (FirmwareLab.Table table : report.tables()) {
                Files.write(directory.resolve(table.file()), table.bytes().toArray());
            }
        } catch (IOException e) {
            throw new InputError(
                    "-o " + directory + ": cannot be written (" + e.getMessage() + ")",
                    "give a directory that can be made, or written to");
        }
    }
}
