package dev.belfry.model.address;

import dev.belfry.model.bits.Bits;
import dev.belfry.model.bits.Hex;

/// An address of the kind host-physical: what the host's memory and devices answer to.
///
/// @param value the address, unsigned 64-bit
public record Hpa(long value) {

    /// This address moved up by `bytes`, wrapping at 2^64.
    public Hpa plus(long bytes) {
        return new Hpa(value + bytes);
    }

    /// This address with its lowest `log2` bits cleared.
    public Hpa alignDown(int log2) {
        return new Hpa(Bits.alignDown(value, log2));
    }

    @Override
    public String toString() {
        return Hex.of(value);
    }
}
