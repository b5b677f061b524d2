package dev.belfry.lab.differential;

import dev.belfry.qemu.edu.QemuSmmu;

/// Which scripts are to be run.
///
/// @param qemu on which QEMU, with which stages
/// @param first the first seed
/// @param last the last one, not below `first`
/// @param processes how many QEMUs work side by side, at least 1
/// @param shrink whether scripts that show a mismatch are made smaller
public record FuzzRequest(
        QemuSmmu.Choice qemu, long first, long last, int processes, boolean shrink) {

    /// On the QEMU that is found, with the stages that it has.
    public FuzzRequest(long first, long last, int processes, boolean shrink) {
        this(QemuSmmu.Choice.ANY, first, last, processes, shrink);
    }

    public FuzzRequest {
        if (last < first || processes < 1) {
            throw new IllegalArgumentException(first + ".." + last + " on " + processes);
        }
    }
}
