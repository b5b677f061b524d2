package dev.belfry.model.pci;

import dev.belfry.model.pci.spec.MsixEntry;

/// Told of what software does to a function's MSI-X table and capability.
public interface MsixListener {

    /// Software wrote to an entry; called for each 4-byte half that was written.
    default void entryWritten(int vector, MsixEntry before, MsixEntry after) {}

    /// Whether a vector's messages are held back changed, by any of its mask bit, Function Mask and
    /// MSI-X Enable.
    default void maskChanged(int vector, boolean masked) {}

    /// MSI-X Enable or Function Mask changed. Called before the [#maskChanged] that follow from it.
    default void enableChanged(boolean enabled, boolean functionMask) {}
}
