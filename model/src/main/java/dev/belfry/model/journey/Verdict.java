package dev.belfry.model.journey;

import java.util.Locale;

/// What a hop means for the transaction.
public enum Verdict {
    /// It lets the transaction pass.
    OK,
    /// It stops the transaction.
    BROKEN,
    /// It takes no part: a stage that is bypassed, a hop after the broken one.
    SKIPPED,
    /// It could not be read or is not understood.
    UNKNOWN;

    /// The name that machines read: `ok`, `broken`, `skipped`, `unknown`.
    public String key() {
        return name().toLowerCase(Locale.ROOT);
    }
}
