package dev.belfry.model.gic.spec;

import static dev.belfry.model.bits.Field.bit;

import dev.belfry.model.bits.Field;

/// GICR_CTLR (IHI 0069 chapter 12) and GICR_WAKER.
///
/// @param value GICR_CTLR
public record GicrCtlr(int value) {
    public static final Field ENABLE_LPIS = bit(0);
    public static final Field CES = bit(1);
    public static final Field IR = bit(2);
    public static final Field RWP = bit(3);
    public static final Field UWP = bit(31);

    /// GICR_WAKER: software asks for sleep.
    public static final Field WAKER_PROCESSOR_SLEEP = bit(1);

    /// GICR_WAKER: the CPU interface sleeps.
    public static final Field WAKER_CHILDREN_ASLEEP = bit(2);

    public boolean enableLpis() {
        return ENABLE_LPIS.isSet(value);
    }
}
