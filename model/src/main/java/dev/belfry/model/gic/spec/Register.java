package dev.belfry.model.gic.spec;

/// A row of a register map: one register, or an array of them at consecutive places.
public sealed interface Register permits Gicd, Gicr, Gits, Gicc, V2m {

    /// Where a register, or an array of them, lies in its frame.
    ///
    /// @param offset of the first one, bytes
    /// @param width of one in bytes, 1, 4 or 8. Accesses narrower than it are to a part of it.
    /// @param count how many there are
    record Place(int offset, int width, int count) {

        /// Whether the byte at `at` of the frame belongs to it.
        boolean covers(long at) {
            return at >= offset && at < offset + (long) width * count;
        }
    }

    /// The specification's name.
    String name();

    /// Where it lies.
    Place place();

    /// Offset of the first one in its frame, bytes.
    default int offset() {
        return place().offset;
    }

    /// Width of one in bytes, 1, 4 or 8.
    default int width() {
        return place().width;
    }

    /// How many there are.
    default int count() {
        return place().count;
    }

    /// Offset of number `n`. Not checked against [#count]: the caller names the register it means.
    default int at(int n) {
        return offset() + n * width();
    }

    /// Whether the byte at `offset` of the frame belongs to it.
    default boolean covers(long offset) {
        return place().covers(offset);
    }

    /// Which one of the array the byte at `offset` belongs to.
    default int index(long offset) {
        return (int) ((offset - offset()) / width());
    }

    /// The row of a map that the byte at `offset` belongs to.
    ///
    /// @param none what to say when it belongs to none
    static <R extends Register> R find(R[] map, long offset, R none) {
        for (R r : map) {
            if (r.covers(offset)) {
                return r;
            }
        }
        return none;
    }
}
