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

    /// What `--host` calls this machine; with `:` and a folder behind it, the host whose files are
    /// there.
    public static final String PROBE = "probe";

    private static final Path LIVE = Path.of("/");

    private HostLab() {}

    /// What was read; what could not be is absent.
    ///
    /// @param name of the host
    /// @param kernel its release, or empty
    /// @param cpus that are present
    /// @param nodes NUMA nodes that are online
    /// @param hugePages pages set aside, by size
    /// @param smmus its SMMUv3s
    /// @param devices PCI functions behind them
    /// @param notes what somebody should know, one sentence each
    /// @param yaml all of it as a description
    public record Report(
            String name,
            String kernel,
            OptionalInt cpus,
            OptionalInt nodes,
            List<HugePages> hugePages,
            List<Smmu> smmus,
            List<Device> devices,
            List<String> notes,
            String yaml) {
        public Report {
            hugePages = List.copyOf(hugePages);
            smmus = List.copyOf(smmus);
            devices = List.copyOf(devices);
            notes = List.copyOf(notes);
        }
    }

    /// Huge pages of one size, and how many are set aside.
    public record HugePages(long size, long count) {}

    /// Addresses that a device's group cannot map; `msi` is the doorbell's window.
    public record Reserved(long first, long last, String type) {}

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
    /// @param node its NUMA node
    /// @param group its IOMMU group
    /// @param reserved what its group cannot map
    /// @param driver that is bound to it
    /// @param vfio its node in `/dev/vfio/devices`
    /// @param msix vectors of MSI-X
    /// @param ats whether it has ATS
    /// @param pasidBits width of its PASIDs, 0 without any
    public record Device(
            String bdf,
            String smmu,
            OptionalInt node,
            OptionalInt group,
            List<Reserved> reserved,
            Optional<String> driver,
            Optional<String> vfio,
            OptionalInt msix,
            Optional<Boolean> ats,
            OptionalInt pasidBits) {
        public Device {
            reserved = List.copyOf(reserved);
        }
    }

    private static Report report(ProbedHost host) {
        return new Report(
                host.name(),
                host.release(),
                host.cpus(),
                host.nodes(),
                host.hugePages().stream().map(h -> new HugePages(h.size(), h.count())).toList(),
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
                d.node(),
                d.group(),
                d.reserved().stream()
                        .map(r -> new Reserved(r.first(), r.last(), r.type()))
                        .toList(),
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

    /// This machine, or the one whose files are in a folder, as a description.
    ///
    /// @param name `probe` or `probe:DIR`
    static HostDescription description(String name) throws InputError {
        Report read =
                name.equals(PROBE) ? live() : probe(Path.of(name.substring(PROBE.length() + 1)));
        try {
            return HostDescription.read(PROBE, read.yaml());
        } catch (DescriptionError e) {
            throw new InputError(
                    "--host probe: " + e.getMessage(),
                    "save it with belfry host > host.yaml, edit it, and give --host host.yaml");
        }
    }
}
