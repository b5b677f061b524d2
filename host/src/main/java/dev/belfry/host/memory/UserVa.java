package dev.belfry.host.memory;

import dev.belfry.model.bits.Hex;

/// A virtual address of the VMM's process.
///
/// @param value the address
public record UserVa(long value) {

    /// This address moved up by `bytes`.
    public UserVa plus(long bytes) {
        return new UserVa(value + bytes);
    }

    @Override
    public String toString() {
        return Hex.of(value);
    }
}
