package dev.belfry.model.gic.spec;

import static dev.belfry.model.bits.Field.bit;
import static dev.belfry.model.bits.Field.bits;

import dev.belfry.model.bits.Field;

/// GICR_VPENDBASER (IHI 0069 chapter 12, GICv4.0): the pending table of the vPE that is resident.
///
/// @param value the register
public record GicrVpendbaser(long value) {
    /// A vPE is resident.
    public static final Field VALID = bit(63);

    /// Software says that the implementation defined area of the table need not be read.
    public static final Field IDAI = bit(62);

    /// Virtual LPIs were pending when the vPE left.
    public static final Field PENDING_LAST = bit(61);

    /// The table is being written.
    public static final Field DIRTY = bit(60);

    public static final Field OUTER_CACHE = bits(58, 56);
    public static final Field PHYSICAL_ADDRESS = bits(51, 16);
    public static final Field SHAREABILITY = bits(11, 10);
    public static final Field INNER_CACHE = bits(9, 7);

    /// Whether a vPE is resident.
    public boolean valid() {
        return VALID.isSet(value);
    }

    /// Physical address of its table.
    public long address() {
        return PHYSICAL_ADDRESS.inPlace(value);
    }
}
