package dev.belfry.model.pci.spec;

import static dev.belfry.model.bits.Field.bit;
import static dev.belfry.model.bits.Field.bits;

import dev.belfry.model.bits.Field;

/// The Header Type register (PCIe 7.5.1.1.9).
///
/// @param value its 8 bits
public record HeaderType(int value) {

    public static final Field LAYOUT = bits(6, 0);
    public static final Field MULTI_FUNCTION = bit(7);

    /// Whether the header is Type 1: a bridge's.
    public boolean isBridge() {
        return LAYOUT.get(value) == 1;
    }

    /// Whether the header is Type 0: an endpoint's.
    public boolean isEndpoint() {
        return LAYOUT.get(value) == 0;
    }

    /// Whether functions 1..7 are worth looking for.
    public boolean multiFunction() {
        return MULTI_FUNCTION.isSet(value);
    }
}
