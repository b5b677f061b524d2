package dev.belfry.model.address;

import dev.belfry.model.bits.Bits;
import dev.belfry.model.bits.Hex;

/// An address of the kind guest-physical: the output of stage 1, the input of stage 2.
///
/// @param value the address, unsigned 64-bit
public record Gpa(long value) {

    /// This address moved up by `bytes`, wrapping at 2^64.
    public Gpa plus(long bytes) {
        return new Gpa(value + bytes);
    }

    /// This address with its lowest `log2` bits cleared.
    public Gpa alignDown(int log2) {
        return new Gpa(Bits.alignDown(value, log2));
    }

    @Override
    public String toString() {
        return Hex.of(value);
    }
}
