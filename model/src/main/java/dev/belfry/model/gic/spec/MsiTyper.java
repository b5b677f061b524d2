package dev.belfry.model.gic.spec;

import static dev.belfry.model.bits.Field.bits;

import dev.belfry.model.bits.Field;

/// MSI_TYPER of a GICv2m frame: which SPIs it may raise.
///
/// @param value the register
public record MsiTyper(int value) {
    public static final Field BASE_SPI = bits(25, 16);
    public static final Field NUM_SPIS = bits(9, 0);

    /// A frame of `count` SPIs from INTID `base` on.
    public static MsiTyper of(int base, int count) {
        return new MsiTyper((int) (BASE_SPI.of(base) | NUM_SPIS.of(count)));
    }

    /// INTID of the first one.
    public int baseSpi() {
        return BASE_SPI.getInt(value);
    }

    /// How many there are.
    public int numSpis() {
        return NUM_SPIS.getInt(value);
    }

    /// Whether the frame may raise `intid`.
    public boolean covers(int intid) {
        return intid >= baseSpi() && intid < baseSpi() + numSpis();
    }
}
