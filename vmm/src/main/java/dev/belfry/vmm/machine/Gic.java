package dev.belfry.vmm.machine;

/// The guest's interrupt controller.
///
/// @param version 2, 3 or 4
/// @param msi what takes its MSIs
public record Gic(int version, MsiController msi) {}
