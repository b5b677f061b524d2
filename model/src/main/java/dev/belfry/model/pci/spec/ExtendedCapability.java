package dev.belfry.model.pci.spec;

import static dev.belfry.model.bits.Field.bits;

import dev.belfry.model.bits.Field;

/// A member of the extended capability list.
///
/// @param code its 16-bit PCI Express Extended Capability ID
/// @param version 0..15
/// @param offset where it is in configuration space, 0x100..0xffc
public record ExtendedCapability(int code, int version, int offset) {

    public static final Field ID = bits(15, 0);
    public static final Field VERSION = bits(19, 16);
    public static final Field NEXT = bits(31, 20);

    /// From the header (PCIe 7.6.3) at `offset`.
    public static ExtendedCapability of(int header, int offset) {
        return new ExtendedCapability(ID.getInt(header), VERSION.getInt(header), offset);
    }

    /// What it is.
    public ExtendedCapabilityId id() {
        return ExtendedCapabilityId.of(code);
    }
}
