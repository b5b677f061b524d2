package dev.belfry.cli;

import dev.belfry.lab.InputError;
import dev.belfry.lab.run.RunRequest;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// What every command about a VM is given: what launches it, on which host, and how to answer.
final class LaunchOptions {

    @Parameters(
            arity = "0..1",
            paramLabel = "FILE",
            description =
                    "A command line as a shell would read it, or a libvirt domain; - for standard"
                            + " input.")
    private @Nullable Path file;

    @Mixin private HostOptions host = new HostOptions();

    @Option(names = "--json", description = "Print one JSON object (docs/json.md).")
    private boolean json;

    /// Whether a machine reads the answer.
    boolean json() {
        return json;
    }

    /// The host, as `dev.belfry.lab` takes it.
    Optional<String> host() throws InputError {
        return host.chosen();
    }

    /// What is launched: a file, or the words behind `--`.
    ///
    /// @param purpose what is to be done with it: `run`
    /// @param words those behind `--`
    RunRequest.Source source(String purpose, List<String> words) throws InputError {
        if (file != null && !words.isEmpty()) {
            throw new InputError(
                    "both a file and a command line after -- are given", "give one of them");
        }
        if (file != null) {
            return new RunRequest.Source.File(file);
        }
        if (words.isEmpty()) {
            throw new InputError(
                    "no command line to " + purpose,
                    "give a file (examples/grace-one-gpu.args) or the words after --");
        }
        return new RunRequest.Source.Words(words);
    }
}
