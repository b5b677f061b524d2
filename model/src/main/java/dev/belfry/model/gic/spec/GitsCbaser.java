package dev.belfry.model.gic.spec;

import static dev.belfry.model.bits.Field.bit;
import static dev.belfry.model.bits.Field.bits;

import dev.belfry.model.bits.Field;

/// GITS_CBASER (IHI 0069 chapter 12): the command queue.
///
/// @param value the register
public record GitsCbaser(long value) {
    public static final Field VALID = bit(63);
    public static final Field INNER_CACHE = bits(61, 59);
    public static final Field OUTER_CACHE = bits(55, 53);
    public static final Field PHYSICAL_ADDRESS = bits(51, 12);
    public static final Field SHAREABILITY = bits(11, 10);
    public static final Field SIZE = bits(7, 0);

    /// Offset field of GITS_CWRITER and GITS_CREADR, in units of commands (32 bytes).
    public static final Field OFFSET = bits(19, 5);

    /// GITS_CREADR: processing stopped at a command.
    public static final Field STALLED = bit(0);

    /// GITS_CWRITER: process the command again that stalled.
    public static final Field RETRY = bit(0);

    public boolean valid() {
        return VALID.isSet(value);
    }

    /// Physical address of the queue.
    public long address() {
        return PHYSICAL_ADDRESS.inPlace(value);
    }

    /// Size of the queue in bytes, 4 KiB..1 MiB: the field holds 4 KiB pages less one.
    public int bytes() {
        return (SIZE.getInt(value) + 1) << 12;
    }
}
