package dev.belfry.lab.run;

import dev.belfry.host.description.DescriptionError;
import dev.belfry.host.description.HostDescription;
import dev.belfry.host.probe.HostProbe;
import dev.belfry.host.probe.ProbedHost;
import dev.belfry.host.probe.ProbedYaml;
import dev.belfry.lab.InputError;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/// Reads a host into a description.
public final class HostLab {

    /// What `--host` calls this machine.
    public static final String PROBE = "probe";

    private static final Path LIVE = Path.of("/");

    private HostLab() {}

    /// What was read; what could not be is absent.
    ///
    /// @param name of the host
    /// @param kernel its release, or empty
    /// @param cpus that are present
    /// @param smmus its SMMUv3s
    /// @param devices PCI functions behind them
    /// @param notes what somebody should know, one sentence each
    /// @param yaml all of it as a description
    public record Report(
            String name,
            String kernel,
            OptionalInt cpus,
            List<Smmu> smmus,
            List<Device> devices,
            List<String> notes,
            String yaml) {
        public Report {
            smmus = List.copyOf(smmus);
            devices = List.copyOf(devices);
            notes = List.copyOf(notes);
        }
    }

    /// An SMMUv3.
    ///
    /// @param name as sysfs has it
    /// @param base physical address
    /// @param oas output address bits
    public record Smmu(String name, long base, OptionalInt oas) {}

    /// A PCI function.
    ///
    /// @param bdf its address
    /// @param smmu that it is behind, as sysfs names it
    /// @param group its IOMMU group
    /// @param driver that is bound to it
    /// @param vfio its node in `/dev/vfio/devices`
    /// @param msix vectors of MSI-X
    /// @param ats whether it has ATS
    /// @param pasidBits width of its PASIDs, 0 without any
    public record Device(
            String bdf,
            String smmu,
            OptionalInt group,
            Optional<String> driver,
            Optional<String> vfio,
            OptionalInt msix,
            Optional<Boolean> ats,
            OptionalInt pasidBits) {}

    private static Report report(ProbedHost host) {
        return new Report(
                host.name(),
                host.release(),
                host.cpus(),
                host.smmus().stream().map(s -> new Smmu(s.name(), s.base(), s.oas())).toList(),
                host.devices().stream().map(HostLab::device).toList(),
                host.notes(),
                ProbedYaml.of(host));
    }

    private static Device device(ProbedHost.Device d) {
        boolean extended = d.config().extended();
        return new Device(
                d.bdf().toString(),
                d.smmu(),
                d.group(),
                d.driver(),
                d.vfioNode(),
                d.config().msix(),
                extended ? Optional.of(d.config().ats()) : Optional.empty(),
                extended ? OptionalInt.of(d.config().pasidBits()) : OptionalInt.empty());
    }

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
            case HostProbe.Answer.Arm(ProbedHost host) -> report(host);
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
