package dev.belfry.host.description;

/// A physical ITS.
///
/// @param name how devices refer to it
/// @param base physical address of its control frame; the translation frame is 64 KiB on
public record ItsDescription(String name, long base) {}
