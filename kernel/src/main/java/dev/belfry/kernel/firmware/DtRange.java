package dev.belfry.kernel.firmware;

/// An entry of `reg`.
///
/// @param base first address
/// @param size in bytes; 0 where there are no sizes
public record DtRange(long base, long size) {}
