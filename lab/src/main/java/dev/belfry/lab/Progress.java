package dev.belfry.lab;

/// How long work tells how far it is.
public interface Progress {

    /// Nobody listens.
    Progress NONE = (step, done, total) -> {};

    /// `done` of `total` parts of `step` are finished.
    ///
    /// @param step what is going on, a few words
    /// @param total 0 when it is not known
    void at(String step, long done, long total);
}
