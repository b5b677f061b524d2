package dev.belfry.cli;

import dev.belfry.cli.json.HostJson;
import dev.belfry.cli.json.Json;
import dev.belfry.lab.InputError;
import dev.belfry.lab.run.HostLab;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `belfry host`: describes the Arm host that it runs on.
@Command(
        name = "host",
        mixinStandardHelpOptions = true,
        description = {
            "Describes this Arm host, or a saved copy of its files, for --host.",
            "As root it reads more: capabilities of devices are not for everybody."
        },
        customSynopsis = {"belfry host > host.yaml", "       belfry host --sysroot DIR [--json]"},
        sortOptions = false)
final class HostCommand implements Callable<Integer> {

    private final Terminal terminal;

    @Option(
            names = "--sysroot",
            paramLabel = "DIR",
            description = "A copy of a host's sys, proc and dev, instead of this host's.")
    private @Nullable Path sysroot;

    @Option(names = "--json", description = "Print one JSON object (docs/json.md).")
    private boolean json;

    HostCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() throws InputError {
        Path tree = sysroot;
        HostLab.Report report = tree == null ? HostLab.live() : HostLab.probe(tree);
        if (json) {
            Json.print(terminal.out(), HostJson.of(Main.Version.current(), report));
        } else {
            terminal.out().print(report.yaml());
        }
        return Main.WELL;
    }
}
