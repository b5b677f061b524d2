package dev.belfry.model.bits;

/// A bit field of a word of up to 64 bits, written as the specifications write it: `bits(55, 6)` is
/// `[55:6]`.
///
/// @param msb most significant bit, 0..63, not below `lsb`
/// @param lsb least significant bit, 0..63
public record Field(int msb, int lsb) {

    public Field {
        if (lsb < 0 || msb < lsb || msb > 63) {
            throw new IllegalArgumentException("no such field: [" + msb + ":" + lsb + "]");
        }
    }

    /// The field `[msb:lsb]`.
    public static Field bits(int msb, int lsb) {
        return new Field(msb, lsb);
    }

    /// The one-bit field `[n]`.
    public static Field bit(int n) {
        return new Field(n, n);
    }

    /// Width in bits, 1..64.
    public int width() {
        return msb - lsb + 1;
    }

    /// Ones where the field is.
    public long mask() {
        return (-1L >>> (63 - msb + lsb)) << lsb;
    }

    /// The field's value in `word`, shifted down to bit 0 and zero-extended.
    public long get(long word) {
        return (word & mask()) >>> lsb;
    }

    /// As [#get], for fields of at most 31 bits.
    public int getInt(long word) {
        return (int) get(word);
    }

    /// The field's bits of `word`, left where they are: for addresses.
    public long inPlace(long word) {
        return word & mask();
    }

    /// Whether any bit of the field is set in `word`.
    public boolean isSet(long word) {
        return (word & mask()) != 0;
    }

    /// `word` with the field replaced by `value`; bits of `value` beyond the field are dropped.
    public long set(long word, long value) {
        return (word & ~mask()) | ((value << lsb) & mask());
    }

    /// The field holding `value`, all other bits zero.
    public long of(long value) {
        return set(0, value);
    }
}
