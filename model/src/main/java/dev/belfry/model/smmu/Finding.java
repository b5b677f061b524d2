package dev.belfry.model.smmu;

/// Something that software did and that the architecture calls an error or UNPREDICTABLE. The
/// simulation goes on as described by one of the permitted behaviours.
///
/// @param rule short name, stable
/// @param section section of IHI 0070
/// @param message what was seen
public record Finding(String rule, String section, String message) {}
