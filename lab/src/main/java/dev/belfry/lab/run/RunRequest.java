package dev.belfry.lab.run;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// What `belfry run` is asked.
///
/// @param commandLine QEMU's command line
/// @param host a host description to use instead of one made up to fit: a file, or a preset's name
/// @param options deviations of our own
public record RunRequest(Source commandLine, Optional<String> host, Options options) {

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

    /// Deviations from what QEMU does.
    ///
    /// @param doorbell how the doorbell's address is learnt
    /// @param rmr whether the IORT has RMR nodes for accelerated SMMUs
    /// @param seed of everything that is free: host page placement, buffer contents
    public record Options(Doorbell doorbell, boolean rmr, long seed) {
        /// What QEMU does.
        public static final Options DEFAULT = new Options(Doorbell.DIRECT, true, 1);
    }
}
