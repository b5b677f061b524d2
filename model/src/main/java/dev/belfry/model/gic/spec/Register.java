package dev.belfry.model.gic.spec;

/// A row of a register map: one register, or an array of them at consecutive places.
public sealed interface Register permits Gicd, Gicr, Gits, Gicc, V2m {

    /// The specification's name.
    String name();

    /// Offset of the first one in its frame, bytes.
    int offset();

    /// Width of one in bytes, 1, 4 or 8. Accesses narrower than it are to a part of it.
    int width();

    /// How many there are.
    int count();

    /// Offset of number `n`. Not checked against [#count]: the caller names the register it means.
    default int at(int n) {
        return offset() + n * width();
    }

    /// Whether the byte at `offset` of the frame belongs to it.
    default boolean covers(long offset) {
        return offset >= offset() && offset < offset() + (long) width() * count();
    }

    /// Which one of the array the byte at `offset` belongs to.
    default int index(long offset) {
        return (int) ((offset - offset()) / Math.max(1, width()));
    }
}
