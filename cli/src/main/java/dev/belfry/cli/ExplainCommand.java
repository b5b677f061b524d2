package dev.belfry.cli;

import dev.belfry.cli.json.ExplainJson;
import dev.belfry.cli.json.Json;
import dev.belfry.cli.text.ExplainText;
import dev.belfry.lab.InputError;
import dev.belfry.lab.explain.ExplainLab;
import dev.belfry.lab.explain.ExplainReport;
import dev.belfry.lab.explain.ExplainRequest;
import dev.belfry.lab.explain.OpenSystem;
import dev.belfry.model.pci.spec.Bdf;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `belfry explain`: why a device gets no interrupt, and where its DMA goes.
@Command(
        name = "explain",
        mixinStandardHelpOptions = true,
        description =
                "Follows interrupts and DMA through a machine's tables and names the hop where"
                        + " they are lost.",
        customSynopsis = {
            "belfry explain CAPTURE [BDF [VECTOR]] [OPTIONS]",
            "       belfry explain --qmp SOCKET [--qtest SOCKET] [--ram FILE] [BDF [VECTOR]]"
                    + " [OPTIONS]"
        },
        sortOptions = false)
final class ExplainCommand implements Callable<Integer> {

    private final Terminal terminal;

    @Parameters(
            arity = "0..3",
            paramLabel = "CAPTURE BDF VECTOR",
            description =
                    "A capture folder, a .belfry bundle or an ELF core (not with --qmp); a"
                            + " function, as 00:02.0; one of its vectors.")
    private List<String> words = List.of();

    @Mixin private SystemOptions system = new SystemOptions();

    @Option(
            names = "--iova",
            paramLabel = "ADDR",
            description = "Walks this address for the device, as a read.")
    private @Nullable String iova;

    @Option(names = "--write", description = "With --iova: as a write.")
    private boolean write;

    @Option(names = "--iova-map", description = "Lists all that the device's stage 1 maps.")
    private boolean iovaMap;

    @Option(names = "--json", description = "Print one JSON object (docs/json.md).")
    private boolean json;

    ExplainCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() throws InputError {
        Deque<String> rest = new ArrayDeque<>(words);
        ExplainReport report;
        try (OpenSystem open = system.open(rest)) {
            ExplainRequest request = request(rest);
            report = ExplainLab.explain(open.view(), request);
            print(report, request.device().isPresent());
        }
        return report.allWell() ? Main.WELL : Main.BROKEN;
    }

    private void print(ExplainReport report, boolean one) {
        if (json) {
            Json.print(terminal.out(), ExplainJson.of(Main.Version.current(), report));
            return;
        }
        ExplainText text = new ExplainText(terminal.out(), terminal.paint());
        if (one) {
            text.printJourneys(report);
        } else {
            text.printTable(report);
        }
    }

    private ExplainRequest request(Deque<String> rest) throws InputError {
        Optional<Bdf> device =
                rest.isEmpty() ? Optional.empty() : Optional.of(Words.bdf(rest.removeFirst()));
        OptionalInt vector =
                rest.isEmpty()
                        ? OptionalInt.empty()
                        : OptionalInt.of(Words.vector(rest.removeFirst()));
        if (!rest.isEmpty()) {
            throw new InputError(
                    "too many words: " + rest.getFirst(), "see: belfry explain --help");
        }
        if (device.isEmpty() && (iova != null || iovaMap)) {
            throw new InputError(
                    (iovaMap ? "--iova-map" : "--iova") + " needs a device", "as in 00:02.0");
        }
        String address = iova;
        return new ExplainRequest(
                device,
                vector,
                json || device.isPresent(),
                address == null
                        ? Optional.empty()
                        : Optional.of(new ExplainRequest.Dma(Words.address(address), write)),
                iovaMap);
    }
}
