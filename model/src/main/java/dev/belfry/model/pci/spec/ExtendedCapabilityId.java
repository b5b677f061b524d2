package dev.belfry.model.pci.spec;

/// Members of the PCI Express extended capability list (PCI Code and ID Assignment, 3).
public enum ExtendedCapabilityId {
    AER(0x0001),
    VC(0x0002),
    DEVICE_SERIAL_NUMBER(0x0003),
    VENDOR_SPECIFIC(0x000b),
    ACS(0x000d),
    ARI(0x000e),
    ATS(0x000f),
    SR_IOV(0x0010),
    PRI(0x0013),
    RESIZABLE_BAR(0x0015),
    TPH_REQUESTER(0x0017),
    LTR(0x0018),
    PASID(0x001b),
    DVSEC(0x0023),
    /// Any other.
    UNKNOWN(-1);

    private final int code;

    ExtendedCapabilityId(int code) {
        this.code = code;
    }

    /// The 16-bit PCI Express Extended Capability ID; -1 for UNKNOWN.
    public int code() {
        return code;
    }

    /// The member with this id, or UNKNOWN.
    public static ExtendedCapabilityId of(int code) {
        for (ExtendedCapabilityId id : values()) {
            if (id.code == code) {
                return id;
            }
        }
        return UNKNOWN;
    }
}
