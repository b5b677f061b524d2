package dev.belfry.model.pci.spec;

/// The registers of the Type 0 and Type 1 configuration headers (PCIe 7.5.1), by name.
public enum ConfigRegister {
    VENDOR_ID(0x00, 2),
    DEVICE_ID(0x02, 2),
    COMMAND(0x04, 2),
    STATUS(0x06, 2),
    REVISION_ID(0x08, 1),
    PROGRAMMING_INTERFACE(0x09, 1),
    SUB_CLASS_CODE(0x0a, 1),
    BASE_CLASS_CODE(0x0b, 1),
    CACHE_LINE_SIZE(0x0c, 1),
    LATENCY_TIMER(0x0d, 1),
    HEADER_TYPE(0x0e, 1),
    BIST(0x0f, 1),
    BAR0(0x10, 4),
    BAR1(0x14, 4),
    /// Type 0 only, as the following BARs.
    BAR2(0x18, 4),
    BAR3(0x1c, 4),
    BAR4(0x20, 4),
    BAR5(0x24, 4),
    SUBSYSTEM_VENDOR_ID(0x2c, 2),
    SUBSYSTEM_ID(0x2e, 2),
    /// Type 1 only, as those down to PREFETCHABLE_LIMIT_UPPER.
    PRIMARY_BUS_NUMBER(0x18, 1),
    SECONDARY_BUS_NUMBER(0x19, 1),
    SUBORDINATE_BUS_NUMBER(0x1a, 1),
    SECONDARY_LATENCY_TIMER(0x1b, 1),
    IO_BASE(0x1c, 1),
    IO_LIMIT(0x1d, 1),
    SECONDARY_STATUS(0x1e, 2),
    MEMORY_BASE(0x20, 2),
    MEMORY_LIMIT(0x22, 2),
    PREFETCHABLE_MEMORY_BASE(0x24, 2),
    PREFETCHABLE_MEMORY_LIMIT(0x26, 2),
    PREFETCHABLE_BASE_UPPER(0x28, 4),
    PREFETCHABLE_LIMIT_UPPER(0x2c, 4),
    CAPABILITIES_POINTER(0x34, 1),
    INTERRUPT_LINE(0x3c, 1),
    INTERRUPT_PIN(0x3d, 1),
    /// Type 1 only.
    BRIDGE_CONTROL(0x3e, 2);

    private final int offset;
    private final int width;

    ConfigRegister(int offset, int width) {
        this.offset = offset;
        this.width = width;
    }

    /// Where it is in configuration space, in bytes.
    public int offset() {
        return offset;
    }

    /// How many bytes it has.
    public int width() {
        return width;
    }

    /// The offset of BAR `index`, 0..5.
    public static int bar(int index) {
        return BAR0.offset + 4 * index;
    }
}
