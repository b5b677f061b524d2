package dev.belfry.model.gic;

/// What RDbase means in commands: a processor number, or bits 51:16 of a Redistributor's address.
///
/// @param physical GITS_TYPER.PTA
/// @param gic whose Redistributors
/// @param base physical address of the first one
record RdBase(boolean physical, GicV3 gic, long base) {

    /// The CPU that RDbase names, -1 for none.
    int cpu(long rdbase) {
        long n = physical ? ((rdbase << 16) - base) / gic.identity().redistributorBytes() : rdbase;
        return n >= 0 && n < gic.cpus() ? (int) n : -1;
    }
}
