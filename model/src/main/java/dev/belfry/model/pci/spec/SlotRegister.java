package dev.belfry.model.pci.spec;

import static dev.belfry.model.bits.Field.bit;
import static dev.belfry.model.bits.Field.bits;

import dev.belfry.model.bits.Field;

/// The slot registers of a port's PCI Express capability (PCIe 7.5.3.9 to 7.5.3.11): Slot
/// Capabilities, 32 bits at +14h; Slot Control, 16 bits at +18h; Slot Status, 16 bits at +1Ah.
public final class SlotRegister {

    private SlotRegister() {}

    // Slot Capabilities
    public static final Field ATTENTION_BUTTON_PRESENT = bit(0);
    public static final Field POWER_CONTROLLER_PRESENT = bit(1);
    public static final Field ATTENTION_INDICATOR_PRESENT = bit(3);
    public static final Field POWER_INDICATOR_PRESENT = bit(4);
    public static final Field HOT_PLUG_SURPRISE = bit(5);
    public static final Field HOT_PLUG_CAPABLE = bit(6);
    public static final Field ELECTROMECHANICAL_INTERLOCK_PRESENT = bit(17);
    public static final Field PHYSICAL_SLOT_NUMBER = bits(31, 19);

    // Slot Control
    public static final Field ATTENTION_BUTTON_PRESSED_ENABLE = bit(0);
    public static final Field PRESENCE_DETECT_CHANGED_ENABLE = bit(3);
    public static final Field COMMAND_COMPLETED_INTERRUPT_ENABLE = bit(4);
    public static final Field HOT_PLUG_INTERRUPT_ENABLE = bit(5);
    public static final Field ATTENTION_INDICATOR_CONTROL = bits(7, 6);
    public static final Field POWER_INDICATOR_CONTROL = bits(9, 8);
    public static final Field POWER_CONTROLLER_CONTROL = bit(10);
    public static final Field ELECTROMECHANICAL_INTERLOCK_CONTROL = bit(11);

    // Slot Status
    public static final Field ATTENTION_BUTTON_PRESSED = bit(0);
    public static final Field PRESENCE_DETECT_CHANGED = bit(3);
    public static final Field COMMAND_COMPLETED = bit(4);
    public static final Field PRESENCE_DETECT_STATE = bit(6);

    /// Data Link Layer Link Active, of Link Status (PCIe 7.5.3.8).
    public static final Field LINK_ACTIVE = bit(13);

    /// Values of the two Indicator Control fields.
    public static final int INDICATOR_ON = 1;

    public static final int INDICATOR_BLINK = 2;
    public static final int INDICATOR_OFF = 3;
}
