package dev.belfry.cli;

import dev.belfry.cli.json.Json;
import dev.belfry.lab.InputError;
import dev.belfry.lab.explain.ExplainLab;
import dev.belfry.lab.explain.OpenSystem;
import dev.belfry.model.system.Snapshot;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.node.ObjectNode;

/// `belfry capture`: everything that `belfry explain` needs, in one small file.
@Command(
        name = "capture",
        mixinStandardHelpOptions = true,
        description =
                "Writes all that explain needs of a machine into one small file, to attach to a"
                        + " ticket. It holds registers, PCI functions, and pages with tables and"
                        + " queues; no other memory of the guest.",
        customSynopsis = {
            "belfry capture --qmp SOCKET [--qtest SOCKET] [--ram FILE] -o FILE.belfry",
            "       belfry capture CAPTURE -o FILE.belfry"
        },
        sortOptions = false)
final class CaptureCommand implements Callable<Integer> {

    private final Terminal terminal;

    @Parameters(
            arity = "0..1",
            paramLabel = "CAPTURE",
            description = "A capture folder or an ELF core to make a bundle of (not with --qmp).")
    private List<String> words = List.of();

    @Mixin private SystemOptions system = new SystemOptions();

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FILE.belfry",
            required = true,
            description = "The file to write.")
    private Path output = Path.of("");

    @Option(names = "--json", description = "Print one JSON object (docs/json.md).")
    private boolean json;

    CaptureCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() throws InputError {
        Deque<String> rest = new ArrayDeque<>(words);
        try (OpenSystem open = system.open(rest)) {
            Snapshot snapshot = ExplainLab.capture(open.view());
            long size = OpenSystem.write(snapshot, output);
            print(snapshot, size);
        }
        return Main.WELL;
    }

    private void print(Snapshot snapshot, long size) {
        int pages = snapshot.memory().addresses().size();
        if (json) {
            ObjectNode root = Json.envelope(Main.Version.current(), "capture");
            root.put("source", snapshot.source())
                    .put("output", output.toString())
                    .put("bytes", size)
                    .put("pages", pages)
                    .put("functions", snapshot.functions().size());
            snapshot.notes().forEach(root.putArray("notes")::add);
            Json.print(terminal.out(), root);
            return;
        }
        terminal.out()
                .printf(
                        "%s: %d bytes, %d pages, %d register frames, %d PCI functions.%n",
                        output, size, pages, snapshot.frames().size(), snapshot.functions().size());
        terminal.out().println("Read from " + snapshot.source() + ".");
        snapshot.notes().forEach(n -> terminal.out().println("  " + n));
    }
}
