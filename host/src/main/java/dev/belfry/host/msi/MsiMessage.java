package dev.belfry.host.msi;

import dev.belfry.model.address.Iova;

/// What a device writes for a vector.
///
/// @param address where, as the device puts it on the bus
/// @param data what, 32 bits
public record MsiMessage(Iova address, int data) {}
