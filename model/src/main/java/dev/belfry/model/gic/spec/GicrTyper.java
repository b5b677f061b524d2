package dev.belfry.model.gic.spec;

import static dev.belfry.model.bits.Field.bit;
import static dev.belfry.model.bits.Field.bits;

import dev.belfry.model.bits.Field;

/// GICR_TYPER (IHI 0069 chapter 12): which CPU a Redistributor belongs to.
///
/// @param value the register
public record GicrTyper(long value) {
    public static final Field AFFINITY_VALUE = bits(63, 32);
    public static final Field COMMON_LPI_AFF = bits(25, 24);
    public static final Field PROCESSOR_NUMBER = bits(23, 8);
    public static final Field DPGS = bit(5);
    public static final Field LAST = bit(4);
    public static final Field DIRECT_LPI = bit(3);
    public static final Field VLPIS = bit(1);
    public static final Field PLPIS = bit(0);

    /// Aff3.Aff2.Aff1.Aff0, one byte each.
    public int affinity() {
        return (int) AFFINITY_VALUE.get(value);
    }

    /// The number that ITS commands name it by while GITS_TYPER.PTA = 0.
    public int processorNumber() {
        return PROCESSOR_NUMBER.getInt(value);
    }

    /// Whether it is the last one of its region.
    public boolean last() {
        return LAST.isSet(value);
    }
}
