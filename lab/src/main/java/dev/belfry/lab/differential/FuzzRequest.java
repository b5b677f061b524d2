package dev.belfry.lab.differential;

import dev.belfry.model.smmu.SmmuIdentity.Stages;
import java.nio.file.Path;
import java.util.Optional;

/// Which scripts are to be run.
///
/// @param peer on which QEMU
/// @param first the first seed
/// @param last the last one, not below `first`
/// @param processes how many QEMUs work side by side, at least 1
/// @param shrink whether scripts that show a mismatch are made smaller
public record FuzzRequest(Peer peer, long first, long last, int processes, boolean shrink) {

    /// A QEMU to compare with.
    ///
    /// @param binary its path; empty for the one that is found
    /// @param stages which its SMMU is to have; empty for what it has
    /// @param device whether its SMMU is an `-device arm-smmuv3`, not the machine's
    public record Peer(Optional<Path> binary, Optional<Stages> stages, boolean device) {
        /// The QEMU that is found, with the stages that it has.
        public static final Peer ANY = new Peer(Optional.empty(), Optional.empty(), false);
    }

    /// On the QEMU that is found, with the stages that it has.
    public FuzzRequest(long first, long last, int processes, boolean shrink) {
        this(Peer.ANY, first, last, processes, shrink);
    }

    public FuzzRequest {
        if (last < first || processes < 1) {
            throw new IllegalArgumentException(first + ".." + last + " on " + processes);
        }
    }
}
