package dev.belfry.model.gic.spec;

import static dev.belfry.model.bits.Field.bits;

import dev.belfry.model.bits.Field;

/// GICR_PROPBASER (IHI 0069 chapter 12): the LPI configuration table, one byte an LPI from INTID
/// 8192 on, shared by all Redistributors.
///
/// @param value the register
public record GicrPropbaser(long value) {
    public static final Field OUTER_CACHE = bits(58, 56);
    public static final Field PHYSICAL_ADDRESS = bits(51, 12);
    public static final Field SHAREABILITY = bits(11, 10);
    public static final Field INNER_CACHE = bits(9, 7);
    public static final Field ID_BITS = bits(4, 0);

    /// Physical address of the table.
    public long address() {
        return PHYSICAL_ADDRESS.inPlace(value);
    }

    /// Bits of the INTIDs that the table describes, 1..32: fewer than 14 means no LPI at all.
    public int idBits() {
        return ID_BITS.getInt(value) + 1;
    }

    /// Address of the configuration byte of `intid`.
    ///
    /// @param intid 8192 or above
    public long configAddress(int intid) {
        return address() + (intid - LpiConfig.FIRST_LPI);
    }
}
