package dev.belfry.model.pci.spec;

import static dev.belfry.model.bits.Field.bit;

import dev.belfry.model.bits.Field;

/// The Command register (PCIe 7.5.1.1.3).
///
/// @param value its 16 bits
public record Command(int value) {

    public static final Field IO_SPACE_ENABLE = bit(0);
    public static final Field MEMORY_SPACE_ENABLE = bit(1);
    public static final Field BUS_MASTER_ENABLE = bit(2);
    public static final Field PARITY_ERROR_RESPONSE = bit(6);
    public static final Field SERR_ENABLE = bit(8);
    public static final Field INTERRUPT_DISABLE = bit(10);

    /// Whether the function answers memory accesses.
    public boolean memorySpaceEnable() {
        return MEMORY_SPACE_ENABLE.isSet(value);
    }

    /// Whether the function may issue memory requests, messages of MSI and MSI-X among them; for a
    /// bridge, whether it forwards those of the functions below it.
    public boolean busMasterEnable() {
        return BUS_MASTER_ENABLE.isSet(value);
    }

    /// Whether the function may not assert INTx.
    public boolean interruptDisable() {
        return INTERRUPT_DISABLE.isSet(value);
    }
}
