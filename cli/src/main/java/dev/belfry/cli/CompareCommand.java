package dev.belfry.cli;

import dev.belfry.cli.html.AxisHtml;
import dev.belfry.cli.html.CompareHtml;
import dev.belfry.cli.json.CompareJson;
import dev.belfry.cli.json.Json;
import dev.belfry.cli.text.CompareText;
import dev.belfry.lab.InputError;
import dev.belfry.lab.compare.Cell;
import dev.belfry.lab.compare.CompareLab;
import dev.belfry.lab.compare.DoorbellRow;
import dev.belfry.lab.compare.EndpointCell;
import dev.belfry.lab.compare.Situation;
import dev.belfry.lab.run.RunRequest.MsiDesign;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `belfry compare`: MSI designs against situations, each cell a run.
@Command(
        name = "compare",
        mixinStandardHelpOptions = true,
        description =
                "Runs every MSI design in every situation, and shows what becomes of the interrupts.",
        sortOptions = false)
final class CompareCommand implements Callable<Integer> {

    private final Terminal terminal;

    @Option(
            names = "--cell",
            paramLabel = "DESIGN/SITUATION",
            description = "Runs one cell and prints its journey, hop by hop: override/affinity.")
    private @Nullable String cell;

    @Option(
            names = "--html",
            paramLabel = "FILE",
            description = "Writes one self-contained page with the diagrams of all journeys.")
    private @Nullable Path html;

    @Option(
            names = "--axis",
            paramLabel = "NAME",
            description =
                    "Compares something else: doorbell (how the doorbell's address is learnt),"
                            + " emulated-endpoints (what invalidations cost when emulated devices"
                            + " sit behind an accelerated SMMU).")
    private @Nullable String axis;

    @Option(names = "--json", description = "Print one JSON object (docs/json.md).")
    private boolean json;

    CompareCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() throws InputError {
        String other = axis;
        if (other != null) {
            return axis(other);
        }
        String name = cell;
        List<Cell> cells = name == null ? matrix() : List.of(one(name));
        Path page = html;
        if (page != null) {
            write(page, CompareHtml.of(cells));
        }
        if (json) {
            Json.print(terminal.out(), CompareJson.of(Main.Version.current(), cells));
        } else if (name != null) {
            new CompareText(terminal.out(), terminal.paint()).printCell(cells.getFirst());
        } else {
            new CompareText(terminal.out(), terminal.paint()).printMatrix(cells);
        }
        return Main.WELL;
    }

    private int axis(String name) throws InputError {
        return switch (name.toLowerCase(Locale.ROOT)) {
            case "doorbell" -> doorbells();
            case "emulated-endpoints" -> endpoints();
            default ->
                    throw new InputError(
                            "--axis " + name + ": no such axis",
                            "use doorbell or emulated-endpoints");
        };
    }

    private int doorbells() throws InputError {
        if (cell != null) {
            throw new InputError(
                    "--cell " + cell + ": the doorbell axis has no cells",
                    "leave --axis out for the matrix, or use --axis emulated-endpoints");
        }
        List<DoorbellRow> rows = CompareLab.doorbells();
        if (html != null) {
            write(html, AxisHtml.ofDoorbells(rows));
        }
        if (json) {
            Json.print(terminal.out(), CompareJson.ofDoorbells(Main.Version.current(), rows));
        } else {
            new CompareText(terminal.out(), terminal.paint()).printDoorbells(rows);
        }
        return Main.WELL;
    }

    private int endpoints() throws InputError {
        String name = cell;
        List<EndpointCell> cells = name == null ? CompareLab.endpoints() : List.of(endpoint(name));
        if (html != null) {
            write(html, AxisHtml.ofEndpoints(cells));
        }
        CompareText text = new CompareText(terminal.out(), terminal.paint());
        if (json) {
            Json.print(terminal.out(), CompareJson.ofEndpoints(Main.Version.current(), cells));
        } else if (name != null) {
            text.printEndpoint(cells.getFirst());
        } else {
            text.printEndpoints(cells);
        }
        return Main.WELL;
    }

    private static EndpointCell endpoint(String name) throws InputError {
        int slash = name.indexOf('/');
        if (slash < 0) {
            throw new InputError(
                    "--cell " + name + ": an arrangement and a worker are needed",
                    "for example: --cell together/emulated");
        }
        return CompareLab.endpoint(
                named(
                        EndpointCell.Arrangement.values(),
                        EndpointCell.Arrangement::key,
                        name.substring(0, slash),
                        "arrangement"),
                named(
                        EndpointCell.Worker.values(),
                        EndpointCell.Worker::key,
                        name.substring(slash + 1),
                        "worker"));
    }

    private List<Cell> matrix() {
        try {
            return CompareLab.matrix(terminal.progress());
        } finally {
            terminal.endProgress();
        }
    }

    private static Cell one(String name) throws InputError {
        int slash = name.indexOf('/');
        if (slash < 0) {
            throw new InputError(
                    "--cell " + name + ": a design and a situation are needed",
                    "for example: --cell override/affinity");
        }
        MsiDesign design =
                named(MsiDesign.values(), MsiDesign::key, name.substring(0, slash), "design");
        Situation situation =
                named(Situation.values(), Situation::key, name.substring(slash + 1), "situation");
        return CompareLab.cell(design, situation);
    }

    private static <T> T named(T[] all, Function<T, String> key, String name, String what)
            throws InputError {
        Optional<T> found =
                Stream.of(all).filter(t -> key.apply(t).equalsIgnoreCase(name)).findFirst();
        if (found.isEmpty()) {
            throw new InputError(
                    "--cell: no " + what + " " + name,
                    "use " + String.join(", ", Stream.of(all).map(key).toList()));
        }
        return found.get();
    }

    private static void write(Path page, String text) throws InputError {
        try {
            Files.writeString(page, text);
        } catch (IOException e) {
            throw new InputError("--html " + page + ": cannot be written", "name another file");
        }
    }
}
