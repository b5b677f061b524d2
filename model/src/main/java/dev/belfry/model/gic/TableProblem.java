package dev.belfry.model.gic;

/// Why an ITS's tables could not be saved or restored.
///
/// @param kind what kind of problem
/// @param why one sentence
public record TableProblem(Kind kind, String why) {

    /// What is wrong.
    public enum Kind {
        /// An entry that cannot be, or an id that the tables have no room for.
        BAD,
        /// A collection that is there already.
        DUPLICATE,
        /// Memory that does not answer.
        UNREACHABLE,
        /// An event whose state the host's GIC has (GICv4).
        FORWARDED,
        /// More than there is room for.
        TOO_MANY
    }
}
