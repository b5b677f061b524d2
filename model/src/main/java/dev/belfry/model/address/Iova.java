package dev.belfry.model.address;

import dev.belfry.model.bits.Bits;
import dev.belfry.model.bits.Hex;

/// An address of the kind what a device puts on the bus, before any translation.
///
/// @param value the address, unsigned 64-bit
public record Iova(long value) {

    /// This address moved up by `bytes`, wrapping at 2^64.
    public Iova plus(long bytes) {
        return new Iova(value + bytes);
    }

    /// This address with its lowest `log2` bits cleared.
    public Iova alignDown(int log2) {
        return new Iova(Bits.alignDown(value, log2));
    }

    @Override
    public String toString() {
        return Hex.of(value);
    }
}
