package dev.belfry.cli;

import dev.belfry.lab.InputError;
import dev.belfry.lab.run.HostLab;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// Which host: `--host`, and for `--host probe` whose files.
final class HostOptions {

    @Option(
            names = "--host",
            paramLabel = "FILE.yaml",
            description =
                    "The host that shall run it: a description, a preset (grace, kunpeng920), or"
                            + " probe for this one. Without it a host is made up to fit.")
    private @Nullable String host;

    @Option(
            names = "--sysroot",
            paramLabel = "DIR",
            description = "With --host probe: a copy of a host's sys, proc and dev.")
    private @Nullable Path sysroot;

    /// What was asked for, as `dev.belfry.lab` takes it.
    Optional<String> chosen() throws InputError {
        Path tree = sysroot;
        if (tree == null) {
            return Optional.ofNullable(host);
        }
        if (host != null && !host.equals(HostLab.PROBE)) {
            throw new InputError(
                    "--sysroot is for --host probe, and --host " + host + " is given",
                    "remove one of them");
        }
        return Optional.of(HostLab.PROBE + ":" + tree);
    }
}
