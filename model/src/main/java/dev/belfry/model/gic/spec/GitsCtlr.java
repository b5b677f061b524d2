package dev.belfry.model.gic.spec;

import static dev.belfry.model.bits.Field.bit;

import dev.belfry.model.bits.Field;

/// GITS_CTLR (IHI 0069 chapter 12).
///
/// @param value the register
public record GitsCtlr(int value) {
    public static final Field ENABLED = bit(0);
    public static final Field QUIESCENT = bit(31);

    /// Whether MSIs are translated and commands processed.
    public boolean enabled() {
        return ENABLED.isSet(value);
    }
}
