package dev.belfry.host.description;

import dev.belfry.model.pci.spec.Bdf;

/// A host device that somebody wants to pass through, of which nothing else is known.
///
/// @param bdf its address on the host
/// @param shares devices with equal names share a physical SMMU
/// @param wish what the guest's SMMU in front of it advertises
public record RequestedDevice(Bdf bdf, String shares, IdentityWish wish) {}
