package dev.belfry.cli;

import dev.belfry.cli.html.ExplainHtml;
import dev.belfry.cli.json.ExplainJson;
import dev.belfry.cli.json.Json;
import dev.belfry.cli.text.ExplainText;
import dev.belfry.cli.text.WatchText;
import dev.belfry.lab.InputError;
import dev.belfry.lab.explain.ExplainLab;
import dev.belfry.lab.explain.ExplainReport;
import dev.belfry.lab.explain.ExplainRequest;
import dev.belfry.lab.explain.OpenSystem;
import dev.belfry.lab.explain.UnannouncedChanges;
import dev.belfry.lab.run.RunLab;
import dev.belfry.lab.run.RunRequest;
import dev.belfry.model.pci.spec.Bdf;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
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
                    + " [OPTIONS]",
            "       belfry explain [BDF [VECTOR]] [OPTIONS] -- qemu-system-aarch64 …"
        },
        sortOptions = false)
final class ExplainCommand implements Callable<Integer> {

    private final Terminal terminal;
    private final List<String> qemu;

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

    @Option(
            names = "--pasid",
            paramLabel = "N",
            description = "With --iova or --iova-map: in the context of this PASID (SubstreamID).")
    private @Nullable String pasid;

    @Option(names = "--iova-map", description = "Lists all that the device's stage 1 maps.")
    private boolean iovaMap;

    @Option(
            names = "--html",
            paramLabel = "FILE",
            description = "Writes the answer as one HTML file, too.")
    private @Nullable Path html;

    @Option(
            names = "--watch",
            arity = "0..1",
            fallbackValue = "2",
            paramLabel = "SECONDS",
            description =
                    "With --qmp: looks again every 2 (or so many) seconds and tells what"
                            + " changed, until interrupted or until QEMU is gone. With --json, one"
                            + " more object each time that something changed.")
    private @Nullable Integer watch;

    @Option(names = "--json", description = "Print one JSON object (docs/json.md).")
    private boolean json;

    ExplainCommand(Terminal terminal, List<String> qemu) {
        this.terminal = terminal;
        this.qemu = qemu;
    }

    @Override
    public Integer call() throws InputError {
        Integer seconds = watch;
        if (seconds != null && (!system.live() || seconds < 1)) {
            throw new InputError(
                    "--watch needs a running QEMU and at least 1 second",
                    "name its QMP socket: --qmp SOCKET");
        }
        ExplainReport report = look();
        print(report);
        while (seconds != null && pause(seconds)) {
            ExplainReport now = look();
            List<String> news = new WatchText(terminal.paint()).news(report, now);
            if (!news.isEmpty()) {
                writePage(now);
            }
            if (json && !news.isEmpty()) {
                ExplainReport more = now.with(UnannouncedChanges.between(report, now));
                Json.print(terminal.out(), ExplainJson.of(Main.Version.current(), more));
            } else {
                news.forEach(terminal.out()::println);
            }
            terminal.flush();
            report = now;
        }
        return report.allWell() ? Main.WELL : Main.BROKEN;
    }

    private ExplainReport look() throws InputError {
        Deque<String> rest = new ArrayDeque<>(words);
        try (OpenSystem open = qemu.isEmpty() ? system.open(rest) : own()) {
            return ExplainLab.explain(open.view(), request(rest));
        }
    }

    /// Our own machine of a command line.
    private OpenSystem own() throws InputError {
        if (system.live()) {
            throw new InputError(
                    "both --qmp and a command line after -- are given", "give one of them");
        }
        RunRequest request =
                new RunRequest(
                        new RunRequest.Source.Words(qemu),
                        Optional.empty(),
                        new RunRequest.Options(RunRequest.Doorbell.DIRECT, true, 1));
        try {
            return new OpenSystem(RunLab.view(request, terminal.progress()), () -> {});
        } finally {
            terminal.endProgress();
        }
    }

    private boolean pause(int seconds) {
        terminal.flush();
        try {
            Thread.sleep(Duration.ofSeconds(seconds));
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private void writePage(ExplainReport report) throws InputError {
        Path file = html;
        if (file != null) {
            try {
                Files.writeString(file, ExplainHtml.of(report));
            } catch (IOException e) {
                throw new InputError(file + " cannot be written: " + e.getMessage(), "");
            }
        }
    }

    private void print(ExplainReport report) throws InputError {
        writePage(report);
        if (json) {
            Json.print(terminal.out(), ExplainJson.of(Main.Version.current(), report));
            return;
        }
        ExplainText text = new ExplainText(terminal.out(), terminal.paint());
        if (oneDevice()) {
            text.printJourneys(report);
        } else {
            text.printTable(report);
        }
    }

    private boolean oneDevice() {
        return words.size() > (system.live() || !qemu.isEmpty() ? 0 : 1);
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
        if (pasid != null && iova == null && !iovaMap) {
            throw new InputError("--pasid needs an address", "as in --iova 0x1000, or --iova-map");
        }
        String address = iova;
        String substream = pasid;
        return new ExplainRequest(
                device,
                vector,
                json || html != null || watch != null || device.isPresent(),
                address == null
                        ? Optional.empty()
                        : Optional.of(new ExplainRequest.Dma(Words.address(address), write)),
                iovaMap,
                substream == null ? OptionalInt.empty() : OptionalInt.of(Words.pasid(substream)));
    }
}
