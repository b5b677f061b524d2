package dev.belfry.cli;

import dev.belfry.cli.json.FuzzJson;
import dev.belfry.cli.json.Json;
import dev.belfry.lab.InputError;
import dev.belfry.lab.differential.FuzzLab;
import dev.belfry.lab.differential.FuzzReport;
import dev.belfry.lab.differential.FuzzRequest;
import dev.belfry.model.smmu.SmmuIdentity.Stages;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `belfry fuzz`: the model's SMMUv3 against a real QEMU's.
@Command(
        name = "fuzz",
        mixinStandardHelpOptions = true,
        description =
                "Runs random register and memory scripts on a real QEMU and on the model, and shows"
                        + " where they differ beyond the known differences.",
        customSynopsis = {
            "belfry fuzz --against qemu --seeds A..B [OPTIONS]",
            "       belfry fuzz --against qemu --replay FILE",
            "       belfry fuzz --against qemu (--seeds A..B | --replay FILE) --record FILE",
            "       belfry fuzz --against FILE"
        },
        sortOptions = false)
final class FuzzCommand implements Callable<Integer> {

    private static final Pattern RANGE = Pattern.compile("(\\d{1,18})(?:\\.\\.(\\d{1,18}))?");

    private final Terminal terminal;

    @Option(
            names = "--against",
            paramLabel = "WHAT",
            defaultValue = "qemu",
            description =
                    "What to compare with: qemu, a real qemu-system-aarch64; or a recording of one,"
                            + " as --record writes it.")
    private String against = "qemu";

    @Option(
            names = "--seeds",
            paramLabel = "A..B",
            description = "Seeds of the scripts, A and B included; or one seed.")
    private @Nullable String seeds;

    @Option(
            names = "--replay",
            paramLabel = "FILE",
            description = "Run the script in FILE again, as an earlier mismatch left it.")
    private @Nullable Path replay;

    @Option(
            names = "--record",
            paramLabel = "FILE",
            description = "Compare nothing; write what QEMU shows to FILE (docs/recordings.md).")
    private @Nullable Path record;

    @Option(
            names = "--qemu",
            paramLabel = "PATH",
            description =
                    "The QEMU binary; unless told that of BELFRY_QEMU in the environment, or the"
                            + " one on PATH.")
    private @Nullable Path qemu;

    @Option(
            names = "--stage",
            paramLabel = "1|2|nested",
            description =
                    "Stages of QEMU's SMMUv3; unless told what its virt machine has: both since"
                            + " 9.2, stage 1 before.")
    private @Nullable String stage;

    @Option(
            names = "--device",
            description =
                    "QEMU's SMMUv3 is an -device arm-smmuv3 (10.2 and later), not the machine's;"
                            + " stage 1 unless told.")
    private boolean device;

    @Option(
            names = "--processes",
            paramLabel = "N",
            defaultValue = "2",
            description = "How many QEMUs work side by side; ${DEFAULT-VALUE} unless told.")
    private int processes = 2;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            defaultValue = ".",
            description = "Where scripts that show a mismatch are written; here unless told.")
    private Path out = Path.of(".");

    @Option(names = "--json", description = "Print one JSON object (docs/json.md).")
    private boolean json;

    FuzzCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() throws InputError {
        Path to = record;
        if (to != null) {
            return record(to);
        }
        FuzzReport report;
        try {
            report = run();
        } finally {
            terminal.endProgress();
        }
        List<Path> files = replay == null ? write(report) : List.of();
        if (json) {
            Json.print(terminal.out(), FuzzJson.of(Main.Version.current(), against, report, files));
        } else {
            print(report, files);
        }
        return report.allWell() ? Main.WELL : Main.BROKEN;
    }

    private int record(Path to) throws InputError {
        Path script = replay;
        boolean both = script != null && seeds != null;
        if (!against.equals("qemu") || both || json) {
            throw new InputError(
                    "--record goes with --against qemu and either --seeds A..B or --replay FILE",
                    "for example: belfry fuzz --seeds 0..499 --record qemu.recording.gz");
        }
        if (script != null) {
            FuzzLab.record(script, peer(), to);
            terminal.out().println("1 scripts recorded in " + to);
            return Main.WELL;
        }
        try {
            long cases = FuzzLab.record(request(), to, terminal.progress());
            terminal.endProgress();
            terminal.out().println(cases + " scripts recorded in " + to);
        } finally {
            terminal.endProgress();
        }
        return Main.WELL;
    }

    private FuzzReport run() throws InputError {
        Path file = replay;
        if (!against.equals("qemu")) {
            if (file != null || seeds != null) {
                throw new InputError(
                        "--against " + against + " takes its scripts from that file",
                        "leave --seeds and --replay out, or use --against qemu");
            }
            return FuzzLab.against(Path.of(against), terminal.progress());
        }
        if (file == null) {
            return FuzzLab.run(request(), terminal.progress());
        }
        if (seeds != null) {
            throw new InputError(
                    "both --seeds and --replay are given",
                    "for example: belfry fuzz --against qemu --seeds 0..9999");
        }
        return FuzzLab.replay(file, peer(), terminal.progress());
    }

    private FuzzRequest request() throws InputError {
        String range = seeds;
        if (range == null) {
            throw new InputError(
                    "neither --seeds nor --replay is given",
                    "for example: belfry fuzz --against qemu --seeds 0..9999");
        }
        Matcher m = RANGE.matcher(range);
        if (!m.matches() || processes < 1 || processes > 64) {
            throw new InputError(
                    "--seeds " + range + " --processes " + processes + ": not a range to run",
                    "for example: --seeds 0..9999 --processes 2");
        }
        long first = Long.parseLong(m.group(1));
        long last = m.group(2) == null ? first : Long.parseLong(m.group(2));
        if (last < first) {
            throw new InputError("--seeds " + range + ": ends before it starts", "write A..B");
        }
        return new FuzzRequest(peer(), first, last, processes, true);
    }

    private FuzzRequest.Peer peer() throws InputError {
        String text = stage;
        Optional<Stages> stages = Optional.empty();
        if (text != null) {
            stages =
                    Optional.of(
                            switch (text) {
                                case "1" -> Stages.ONE;
                                case "2" -> Stages.TWO;
                                case "nested" -> Stages.NESTED;
                                default ->
                                        throw new InputError(
                                                "--stage " + text + ": no such stages",
                                                "use 1, 2 or nested");
                            });
        }
        return new FuzzRequest.Peer(Optional.ofNullable(qemu), stages, device);
    }

    private List<Path> write(FuzzReport report) throws InputError {
        List<Path> files = new ArrayList<>();
        try {
            for (FuzzReport.Failure f : report.failures()) {
                Files.createDirectories(out);
                String name = f.name().replaceAll("[^0-9A-Za-z]+", "-");
                Path file = out.resolve("mismatch-" + name + ".script");
                Files.writeString(file, f.script());
                files.add(file);
            }
        } catch (IOException e) {
            throw new InputError(out + " cannot be written to: " + e.getMessage(), "see --out");
        }
        return files;
    }

    private void print(FuzzReport report, List<Path> files) {
        terminal.out()
                .println(
                        report.cases()
                                + " scripts on QEMU "
                                + report.qemu()
                                + " and on the model ("
                                + report.identity()
                                + ")");
        report.known().entrySet().stream()
                .sorted((a, b) -> Long.compare(b.getValue(), a.getValue()))
                .forEach(e ->
                        terminal.out()
                                .printf(
                                        "  %8d  %s, a known difference%n",
                                        e.getValue(), e.getKey()));
        if (report.strayed() > 0) {
            terminal.out()
                    .printf(
                            "  %8d  led to a device of QEMU's machine, not compared%n",
                            report.strayed());
        }
        for (int i = 0; i < report.failures().size(); i++) {
            FuzzReport.Failure f = report.failures().get(i);
            terminal.out().println("mismatch: " + f.name() + ": " + f.sentence());
            if (i < files.size()) {
                terminal.out()
                        .println("  again: belfry fuzz --against qemu --replay " + files.get(i));
            }
        }
        terminal.out()
                .println(
                        report.allWell()
                                ? "no difference beyond the known ones"
                                : report.failures().size() + " mismatches");
    }
}
