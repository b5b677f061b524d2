package dev.belfry.host.description;

/// A BAR of a device.
///
/// @param index 0..5; a 64-bit one takes the next as well
/// @param size bytes, a power of two, at least 4 KiB
/// @param wide 64-bit
/// @param prefetchable reads have no side effects
public record BarDescription(int index, long size, boolean wide, boolean prefetchable) {}
