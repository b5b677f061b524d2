package dev.belfry.host.vfio;

import dev.belfry.host.msi.MsiMessage;

/// Writes messages into a device: its MSI-X table, or its MSI capability.
interface VectorProgrammer {

    /// Turns the mode on, all vectors masked.
    ///
    /// @param count how many vectors will be used at first
    void enable(int count);

    /// Writes a vector's message.
    void program(int vector, MsiMessage message);

    /// All messages of the beginning are written: vectors may be unmasked from now on.
    void start();

    void unmask(int vector);

    void mask(int vector);

    /// Turns the mode off.
    void disable();
}
