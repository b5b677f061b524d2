package dev.belfry.lab.run;

import dev.belfry.host.description.DescriptionError;
import dev.belfry.host.description.HostDescription;
import dev.belfry.host.probe.HostProbe;
import dev.belfry.host.probe.ProbedHost;
import dev.belfry.host.probe.ProbedYaml;
import dev.belfry.lab.InputError;
import java.nio.file.Files;
import java.nio.file.Path;

/// Reads a host into a description.
public final class HostLab {

    /// What `--host` calls this machine.
    public static final String PROBE = "probe";

    private static final Path LIVE = Path.of("/");

    private HostLab() {}

    /// What was read.
    ///
    /// @param host as facts
    /// @param yaml as a description
    public record Report(ProbedHost host, String yaml) {}

    /// Reads this machine.
    ///
    /// @throws InputError when it is not Arm
    public static Report live() throws InputError {
        return probe(LIVE);
    }

    /// Reads a saved copy of a host's files.
    ///
    /// @param sysroot the folder that holds `sys`, `proc` and `dev`
    /// @throws InputError when it is none, or not of an Arm host
    public static Report probe(Path sysroot) throws InputError {
        if (!Files.isDirectory(sysroot)) {
            throw new InputError(
                    "--sysroot " + sysroot + ": there is no such folder",
                    "name the folder that holds the host's sys, proc and dev");
        }
        return switch (HostProbe.read(sysroot)) {
            case HostProbe.Answer.Arm(ProbedHost host) -> new Report(host, ProbedYaml.of(host));
            case HostProbe.Answer.NotArm(String what) ->
                    throw new InputError(
                            (sysroot.equals(LIVE) ? "this host" : sysroot + "")
                                    + " is "
                                    + what
                                    + ": there is no SMMU to read",
                            "run it on the Arm host, or give a copy of its files with --sysroot;"
                                    + " a preset does as well: --host grace");
        };
    }

    /// This machine as a description.
    static HostDescription description() throws InputError {
        try {
            return HostDescription.read(PROBE, live().yaml());
        } catch (DescriptionError e) {
            throw new InputError(
                    "--host probe: " + e.getMessage(),
                    "save it with belfry host > host.yaml, edit it, and give --host host.yaml");
        }
    }
}
