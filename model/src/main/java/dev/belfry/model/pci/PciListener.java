package dev.belfry.model.pci;

/// Told of what software does to the functions of a segment. Called after the hardware's own effect
/// took place.
public interface PciListener {

    /// Software wrote to a function's configuration space.
    ///
    /// @param offset in bytes
    /// @param width bytes written
    /// @param value as written, before write masks
    default void configWritten(PciFunction function, int offset, int width, long value) {}

    /// Software changed a bridge's bus numbers: requester ids of the functions below it may have
    /// changed with them.
    default void busNumbersChanged(Bridge bridge) {}

    /// A function was reset: by a function level reset, or from its bus.
    default void functionReset(PciFunction function) {}
}
