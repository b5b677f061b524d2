package dev.belfry.model.pci;

/// What became of a message that a function meant to send.
public enum MsiOutcome {
    /// It was written, and the write was answered.
    DELIVERED,
    /// It was written, and the write was aborted on its way.
    ABORTED,
    /// It is held back by a mask; the pending bit remembers it.
    PENDING,
    /// MSI or MSI-X is not enabled.
    DISABLED,
    /// Bus Master Enable is off, in the function or in a bridge above it.
    NO_BUS_MASTER,
    /// The function has no such vector.
    NO_SUCH_VECTOR
}
