package dev.belfry.model.gic.spec;

import static dev.belfry.model.bits.Field.bit;
import static dev.belfry.model.bits.Field.bits;

import dev.belfry.model.bits.Field;

/// GICD_TYPER (IHI 0069 chapter 12).
///
/// @param value the register
public record GicdTyper(int value) {
    public static final Field IT_LINES_NUMBER = bits(4, 0);
    public static final Field CPU_NUMBER = bits(7, 5);
    public static final Field SECURITY_EXTN = bit(10);
    public static final Field MBIS = bit(16);
    public static final Field LPIS = bit(17);
    public static final Field DVIS = bit(18);
    public static final Field ID_BITS = bits(23, 19);
    public static final Field A3V = bit(24);
    public static final Field NO_1_OF_N = bit(25);

    /// One more than the highest INTID below the special ones, at most 1,020.
    public int intids() {
        return Math.min(1020, 32 * (IT_LINES_NUMBER.getInt(value) + 1));
    }

    /// Bits of an INTID, 1..32.
    public int idBits() {
        return ID_BITS.getInt(value) + 1;
    }

    /// Whether LPIs are supported.
    public boolean lpis() {
        return LPIS.isSet(value);
    }
}
