package dev.belfry.qemu.qtest;

/// An intercepted interrupt line that changed.
///
/// @param raised whether it went up
/// @param line its number at the intercepted device
public record IrqChange(boolean raised, int line) {}
