package dev.belfry.host.description;

/// The host's GICv3.
///
/// @param distributor physical address of GICD
/// @param redistributors physical address of the first GICR, 128 KiB each
/// @param gicv2Guests whether it has GICv2 compatibility, so that KVM can give guests a GICv2
public record GicDescription(long distributor, long redistributors, boolean gicv2Guests) {}
