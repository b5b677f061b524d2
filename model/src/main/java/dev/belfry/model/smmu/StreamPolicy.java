package dev.belfry.model.smmu;

/// A stream's fate, as one value, computed from the STE and the advertised identity only. Fields
/// that the identity makes RES0 or IGNORED have dropped out of it.
public sealed interface StreamPolicy {
    /// Transactions are terminated.
    record Abort() implements StreamPolicy {}

    /// Transactions pass untranslated by stage 1.
    record Bypass() implements StreamPolicy {}

    /// Transactions go through the guest's stage 1: the two canonical STE words that a nesting host
    /// takes.
    ///
    /// @param ste0 STE bits 63:0
    /// @param ste1 STE bits 127:64
    record Translate(long ste0, long ste1) implements StreamPolicy {}
}
