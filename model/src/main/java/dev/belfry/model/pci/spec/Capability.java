package dev.belfry.model.pci.spec;

/// A member of the PCI-compatible capability list.
///
/// @param code its 8-bit Capability ID
/// @param offset where it is in configuration space, 0x40..0xfc
public record Capability(int code, int offset) {

    /// What it is.
    public CapabilityId id() {
        return CapabilityId.of(code);
    }
}
