package dev.belfry.cli;

import dev.belfry.cli.json.Json;
import dev.belfry.cli.json.RunJson;
import dev.belfry.cli.text.RunText;
import dev.belfry.lab.InputError;
import dev.belfry.lab.run.HostRefused;
import dev.belfry.lab.run.Injections;
import dev.belfry.lab.run.RunLab;
import dev.belfry.lab.run.RunReport;
import dev.belfry.lab.run.RunRequest;
import dev.belfry.lab.run.Scenario;
import dev.belfry.model.pci.spec.Bdf;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `belfry run`: builds and boots the machine of a QEMU command line, and shows every interrupt's
/// way.
@Command(
        name = "run",
        mixinStandardHelpOptions = true,
        description = "Runs a VM from its QEMU command line and shows every interrupt's way.",
        customSynopsis = {
            "belfry run [OPTIONS] FILE.args",
            "       belfry run [OPTIONS] -- qemu-system-aarch64 …"
        },
        sortOptions = false)
final class RunCommand implements Callable<Integer> {

    private final Terminal terminal;
    private final List<String> qemu;

    @Mixin private LaunchOptions launch = new LaunchOptions();

    @Option(
            names = "--device",
            paramLabel = "BDF",
            description = "With --vector: prints one journey, hop by hop. Alone: that device only.")
    private @Nullable String device;

    @Option(
            names = "--vector",
            paramLabel = "N",
            description = "The vector whose journey is printed.")
    private @Nullable Integer vector;

    @Option(
            names = "--doorbell",
            paramLabel = "HOW",
            defaultValue = "direct",
            description =
                    "How the VMM learns the doorbell's address: direct (the vIOMMU's callback),"
                            + " walk (a software walk of the guest's tables), global-as (the address"
                            + " space is the global one: the known bug).")
    private String doorbell = "direct";

    @Option(
            names = "--no-rmr",
            description = "Leave the RMR nodes out of the IORT of accelerated SMMUs.")
    private boolean noRmr;

    @Option(
            names = "--msi-design",
            paramLabel = "NAME",
            defaultValue = "sw-msi",
            description =
                    "How the address in devices' own messages comes about: sw-msi (what ships),"
                            + " prepare, override, two-stage, sw-msi-option (docs/compare.md).")
    private String msiDesign = "sw-msi";

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "1",
            description = "Seed of everything that is free: page placement, buffer contents.")
    private long seed = 1;

    @Option(
            names = {"-v", "--verbose"},
            description =
                    "Print also what the ITSs on both sides hold of each vector: device, event,"
                            + " collection, LPI configuration, CPU.")
    private boolean verbose;

    @Option(
            names = "--inject",
            paramLabel = "CALL[:N]=ERRNO",
            description =
                    "Make the N-th call (the first without N) of an iommufd, VFIO or KVM ioctl"
                            + " fail: IOMMU_VDEVICE_ALLOC:2=ENOMEM. May be given several times.")
    private List<String> inject = List.of();

    @Option(
            names = "--scenario",
            paramLabel = "FILE.yaml",
            description =
                    "Steps to take once the guest runs: device_add, device_del, fire, dma,"
                            + " affinity, reset (docs/hot-plug.md).")
    private @Nullable Path scenario;

    @Option(
            names = "--qmp",
            paramLabel = "SOCKET",
            description =
                    "Keep the VM up and serve QMP on a Unix socket: device_add, device_del, until"
                            + " quit, Ctrl-C, or end of input.")
    private @Nullable String qmp;

    RunCommand(Terminal terminal, List<String> qemu) {
        this.terminal = terminal;
        this.qemu = qemu;
    }

    @Override
    public Integer call() throws InputError {
        Optional<Bdf> asked = asked();
        Scenario steps = scenario == null ? Scenario.NONE : readScenario(scenario);
        RunRequest request =
                new RunRequest(
                        launch.source("run", qemu),
                        launch.host(),
                        new RunRequest.Options(
                                doorbell(), !noRmr, seed, msiDesign(), Injections.read(inject)),
                        steps.devices());
        try {
            return steps.steps().isEmpty() && qmp == null
                    ? once(request, asked)
                    : new LongRun(terminal, launch.json(), steps, qmp).run(request);
        } catch (HostRefused e) {
            terminal.complain(e.text(), "");
            if (launch.json()) {
                Json.print(terminal.out(), RunJson.of(Main.Version.current(), e));
            }
            return Main.BROKEN;
        } finally {
            terminal.endProgress();
        }
    }

    private static Scenario readScenario(Path path) throws InputError {
        try {
            return Scenario.read(path.toString(), Files.readString(path));
        } catch (IOException e) {
            throw new InputError(
                    "--scenario " + path + ": cannot be read", "see docs/hot-plug.md for its form");
        }
    }

    private int once(RunRequest request, Optional<Bdf> asked) throws InputError, HostRefused {
        RunReport report = RunLab.run(request, terminal.progress());
        terminal.endProgress();
        RunReport shown = select(report, asked);
        if (launch.json()) {
            Json.print(terminal.out(), RunJson.of(Main.Version.current(), shown));
        } else if (device != null && vector != null) {
            new RunText(terminal.out(), terminal.paint())
                    .printJourney(report, shown.vectors().getFirst());
        } else {
            RunText text = new RunText(terminal.out(), terminal.paint());
            text.print(shown);
            if (verbose) {
                text.printTables(shown);
            }
        }
        return shown.allWell() ? Main.WELL : Main.BROKEN;
    }

    private RunRequest.Doorbell doorbell() throws InputError {
        return switch (doorbell.toLowerCase(Locale.ROOT)) {
            case "direct" -> RunRequest.Doorbell.DIRECT;
            case "walk" -> RunRequest.Doorbell.WALK;
            case "global-as" -> RunRequest.Doorbell.GLOBAL_AS;
            default ->
                    throw new InputError(
                            "--doorbell " + doorbell + ": no such way",
                            "use direct, walk or global-as");
        };
    }

    private RunRequest.MsiDesign msiDesign() throws InputError {
        List<RunRequest.MsiDesign> all = List.of(RunRequest.MsiDesign.values());
        return all.stream()
                .filter(d -> d.key().equalsIgnoreCase(msiDesign))
                .findFirst()
                .orElseThrow(() ->
                        new InputError(
                                "--msi-design " + msiDesign + ": no such design",
                                "use "
                                        + String.join(
                                                ", ",
                                                all.stream()
                                                        .map(RunRequest.MsiDesign::key)
                                                        .toList())));
    }

    /// The report narrowed to what `--device` and `--vector` name.
    private RunReport select(RunReport report, Optional<Bdf> asked) throws InputError {
        if (asked.isEmpty()) {
            return report;
        }
        String bdf = asked.get().withoutSegment();
        Integer index = vector;
        RunReport narrowed = report.of(bdf, index == null ? -1 : index);
        if (narrowed.devices().isEmpty() || asked.get().segment() != 0) {
            throw new InputError(
                    "--device " + device + ": the guest drives no such device",
                    report.deviceNames().isEmpty()
                            ? "it drives none"
                            : "devices: " + String.join(", ", report.deviceNames()));
        }
        if (index != null && narrowed.vectors().isEmpty()) {
            int count = report.of(bdf, -1).vectors().size();
            throw new InputError(
                    "--vector " + index + ": " + bdf + " has no such vector",
                    count == 0 ? "it has none" : "its vectors are 0 to " + (count - 1));
        }
        return narrowed;
    }

    /// What `--device` names.
    private Optional<Bdf> asked() throws InputError {
        String word = device;
        if (word == null) {
            if (vector != null) {
                throw new InputError(
                        "--vector needs --device", "name the device: --device 01:00.0");
            }
            return Optional.empty();
        }
        return Optional.of(Words.bdf(word));
    }
}
