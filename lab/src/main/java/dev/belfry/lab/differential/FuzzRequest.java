package dev.belfry.lab.differential;

/// Which scripts are to be run.
///
/// @param first the first seed
/// @param last the last one, not below `first`
/// @param processes how many QEMUs work side by side, at least 1
/// @param shrink whether scripts that show a mismatch are made smaller
public record FuzzRequest(long first, long last, int processes, boolean shrink) {

    public FuzzRequest {
        if (last < first || processes < 1) {
            throw new IllegalArgumentException(first + ".." + last + " on " + processes);
        }
    }
}
