package dev.belfry.model.pci.spec;

import static dev.belfry.model.bits.Field.bit;
import static dev.belfry.model.bits.Field.bits;

import dev.belfry.model.bits.Field;

/// The PCI Express capability (PCIe 7.5.3), as far as topology and resets need it.
///
/// @param offset where it is in configuration space
/// @param capabilities the PCI Express Capabilities register, 16 bits at +2
/// @param deviceCapabilities 32 bits at +4
public record ExpressCapability(int offset, int capabilities, int deviceCapabilities) {

    public static final int CAPABILITIES = 0x02;
    public static final int DEVICE_CAPABILITIES = 0x04;
    public static final int DEVICE_CONTROL = 0x08;
    public static final int DEVICE_STATUS = 0x0a;
    public static final int LINK_CAPABILITIES = 0x0c;
    public static final int LINK_CONTROL = 0x10;
    public static final int LINK_STATUS = 0x12;
    public static final int SLOT_CAPABILITIES = 0x14;
    public static final int SLOT_CONTROL = 0x18;
    public static final int SLOT_STATUS = 0x1a;
    public static final int ROOT_CONTROL = 0x1c;
    public static final int ROOT_STATUS = 0x20;
    public static final int DEVICE_CAPABILITIES_2 = 0x24;
    public static final int DEVICE_CONTROL_2 = 0x28;

    public static final Field VERSION = bits(3, 0);
    public static final Field DEVICE_PORT_TYPE = bits(7, 4);
    public static final Field SLOT_IMPLEMENTED = bit(8);

    public static final Field FUNCTION_LEVEL_RESET_CAPABILITY = bit(28);
    public static final Field INITIATE_FUNCTION_LEVEL_RESET = bit(15);

    /// What kind of function it is.
    public PortType type() {
        return PortType.of(DEVICE_PORT_TYPE.getInt(capabilities));
    }

    /// Capability version, 1 or 2.
    public int version() {
        return VERSION.getInt(capabilities);
    }

    /// Whether software may reset the function alone.
    public boolean functionLevelReset() {
        return FUNCTION_LEVEL_RESET_CAPABILITY.isSet(deviceCapabilities);
    }
}
