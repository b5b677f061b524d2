package dev.belfry.model.gic.spec;

import static dev.belfry.model.bits.Field.bit;
import static dev.belfry.model.bits.Field.bits;

import dev.belfry.model.bits.Field;

/// GICR_PENDBASER (IHI 0069 chapter 12): the LPI pending table of one Redistributor, one bit an
/// INTID; the first 1 KiB is for INTIDs that are no LPIs.
///
/// @param value the register
public record GicrPendbaser(long value) {
    public static final Field PTZ = bit(62);
    public static final Field OUTER_CACHE = bits(58, 56);
    public static final Field PHYSICAL_ADDRESS = bits(51, 16);
    public static final Field SHAREABILITY = bits(11, 10);
    public static final Field INNER_CACHE = bits(9, 7);

    /// Physical address of the table.
    public long address() {
        return PHYSICAL_ADDRESS.inPlace(value);
    }

    /// Whether software promises that the table is all zeros.
    public boolean ptz() {
        return PTZ.isSet(value);
    }

    /// Address of the byte with the pending bit of `intid`, which is bit `intid % 8` of it.
    public long pendingAddress(int intid) {
        return address() + (intid >>> 3);
    }
}
