package dev.belfry.lab.run;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// What `belfry run` is asked.
///
/// @param commandLine QEMU's command line
/// @param host a host description to use instead of one made up to fit: a file, or a preset's name
/// @param options deviations of our own
/// @param later devices that will be plugged in, by their properties: a host that is made up has
///   them too
public record RunRequest(
        Source commandLine,
        Optional<String> host,
        Options options,
        List<Map<String, String>> later) {

    public RunRequest {
        later = List.copyOf(later);
    }

    /// Nothing comes later.
    public RunRequest(Source commandLine, Optional<String> host, Options options) {
        this(commandLine, host, options, List.of());
    }

    /// Where the command line comes from.
    public sealed interface Source {
        /// A file with shell-like text.
        record File(Path path) implements Source {}

        /// Words as a shell has split them.
        record Words(List<String> argv) implements Source {
            public Words {
                argv = List.copyOf(argv);
            }
        }
    }

    /// How the VMM learns the doorbell's guest-physical address.
    public enum Doorbell {
        /// The vIOMMU's callback hands it over (QEMU: msi-gpa).
        DIRECT,
        /// A software walk of the guest's tables.
        WALK,
        /// The device's address space is the global one, so no route is fixed up (the bug of
        /// NVIDIA/QEMU #22).
        GLOBAL_AS
    }

    /// How the address in devices' own messages comes about.
    public enum MsiDesign {
        /// The host maps the doorbell into its window, the guest is told by an RMR: what ships.
        SW_MSI,
        /// The guest's address goes down to the `msi_desc` (RFCv1).
        PREPARE,
        /// VFIO puts the guest's address into the message that it writes.
        OVERRIDE,
        /// The vITS's page is the physical ITS's in stage 2; the device writes the guest's address.
        TWO_STAGE,
        /// As what ships, but the VMM chooses the window (unmerged).
        SW_MSI_OPTION;

        /// As the command line has it: `sw-msi`.
        public String key() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    /// Deviations from what QEMU does.
    ///
    /// @param doorbell how the doorbell's address is learnt
    /// @param rmr whether the IORT has RMR nodes for accelerated SMMUs
    /// @param seed of everything that is free: host page placement, buffer contents
    /// @param msi the address in devices' own messages
    /// @param failures system calls that are to fail
    public record Options(
            Doorbell doorbell, boolean rmr, long seed, MsiDesign msi, Injections failures) {

        /// Nothing is made to fail.
        public Options(Doorbell doorbell, boolean rmr, long seed, MsiDesign msi) {
            this(doorbell, rmr, seed, msi, Injections.NONE);
        }

        /// With the shipping MSI design.
        public Options(Doorbell doorbell, boolean rmr, long seed) {
            this(doorbell, rmr, seed, MsiDesign.SW_MSI);
        }

        /// What QEMU does.
        public static final Options DEFAULT = new Options(Doorbell.DIRECT, true, 1);
    }
}
