package dev.belfry.vmm.machine;

/// Odds and ends of the board that firmware tells the guest.
///
/// @param secure whether CPUs have EL3 and a secure world
/// @param serials how many `-serial` were given
/// @param randomness whether the device tree carries random seeds
/// @param numa which CPU is where, and how far apart nodes are
public record OnBoard(boolean secure, int serials, boolean randomness, NumaLayout numa) {}
