package dev.belfry.vmm.machine;

/// The guest's CPUs.
///
/// @param model as given by `-cpu`, without its features
/// @param count at start, at least 1
/// @param max at most 512
public record Cpus(String model, int count, int max) {}
