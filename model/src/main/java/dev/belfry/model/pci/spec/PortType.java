package dev.belfry.model.pci.spec;

/// Device/Port Type of the PCI Express Capabilities register (PCIe 7.5.3.2).
public enum PortType {
    ENDPOINT(0x0),
    LEGACY_ENDPOINT(0x1),
    ROOT_PORT(0x4),
    SWITCH_UPSTREAM_PORT(0x5),
    SWITCH_DOWNSTREAM_PORT(0x6),
    PCIE_TO_PCI_BRIDGE(0x7),
    PCI_TO_PCIE_BRIDGE(0x8),
    ROOT_COMPLEX_INTEGRATED_ENDPOINT(0x9),
    ROOT_COMPLEX_EVENT_COLLECTOR(0xa),
    /// Any other.
    RESERVED(-1);

    private final int code;

    PortType(int code) {
        this.code = code;
    }

    /// The 4-bit encoding; -1 for RESERVED.
    public int code() {
        return code;
    }

    /// The type with this encoding, or RESERVED.
    public static PortType of(int code) {
        for (PortType type : values()) {
            if (type.code == code) {
                return type;
            }
        }
        return RESERVED;
    }
}
