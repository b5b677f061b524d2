package dev.belfry.model.gic.spec;

import static dev.belfry.model.bits.Field.bit;

import dev.belfry.model.bits.Field;

/// GICD_CTLR of a GICv3 with one Security state (IHI 0069 chapter 12, DS = 1).
///
/// @param value the register
public record GicdCtlr(int value) {
    public static final Field ENABLE_GRP0 = bit(0);
    public static final Field ENABLE_GRP1 = bit(1);
    public static final Field ARE = bit(4);
    public static final Field DS = bit(6);
    public static final Field E1NWF = bit(7);
    public static final Field RWP = bit(31);
}
