package dev.belfry.model.pci.spec;

import static dev.belfry.model.bits.Field.bit;

import dev.belfry.model.bits.Field;

/// The Status register (PCIe 7.5.1.1.4).
///
/// @param value its 16 bits
public record Status(int value) {

    public static final Field INTERRUPT_STATUS = bit(3);
    public static final Field CAPABILITIES_LIST = bit(4);
    public static final Field MASTER_DATA_PARITY_ERROR = bit(8);
    public static final Field SIGNALED_TARGET_ABORT = bit(11);
    public static final Field RECEIVED_TARGET_ABORT = bit(12);
    public static final Field RECEIVED_MASTER_ABORT = bit(13);
    public static final Field SIGNALED_SYSTEM_ERROR = bit(14);
    public static final Field DETECTED_PARITY_ERROR = bit(15);

    /// The bits that software clears by writing 1.
    public static final int WRITE_ONE_TO_CLEAR =
            (int)
                    (MASTER_DATA_PARITY_ERROR.mask()
                            | SIGNALED_TARGET_ABORT.mask()
                            | RECEIVED_TARGET_ABORT.mask()
                            | RECEIVED_MASTER_ABORT.mask()
                            | SIGNALED_SYSTEM_ERROR.mask()
                            | DETECTED_PARITY_ERROR.mask());

    /// Whether the Capabilities Pointer means anything.
    public boolean capabilitiesList() {
        return CAPABILITIES_LIST.isSet(value);
    }
}
