package dev.belfry.model.pci.spec;

/// Members of the PCI-compatible capability list (PCI Code and ID Assignment, 2).
public enum CapabilityId {
    POWER_MANAGEMENT(0x01),
    VPD(0x03),
    SLOT_ID(0x04),
    MSI(0x05),
    VENDOR_SPECIFIC(0x09),
    HOT_PLUG(0x0c),
    SUBSYSTEM_ID(0x0d),
    PCI_EXPRESS(0x10),
    MSI_X(0x11),
    AF(0x13),
    ENHANCED_ALLOCATION(0x14),
    /// Any other.
    UNKNOWN(-1);

    private final int code;

    CapabilityId(int code) {
        this.code = code;
    }

    /// The 8-bit Capability ID; -1 for UNKNOWN.
    public int code() {
        return code;
    }

    /// The member with this id, or UNKNOWN.
    public static CapabilityId of(int code) {
        for (CapabilityId id : values()) {
            if (id.code == code) {
                return id;
            }
        }
        return UNKNOWN;
    }
}
