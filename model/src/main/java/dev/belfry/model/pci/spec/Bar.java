package dev.belfry.model.pci.spec;

import static dev.belfry.model.bits.Field.bit;
import static dev.belfry.model.bits.Field.bits;

import dev.belfry.model.bits.Field;

/// A Base Address register as software left it (PCIe 7.5.1.2.1). Its size cannot be read without
/// writing to it.
///
/// @param index 0..5; of a 64-bit BAR the lower of the two
/// @param kind address space and width
/// @param prefetchable whether reads have no side effects
/// @param address where software placed it; 0 when it did not
public record Bar(int index, Kind kind, boolean prefetchable, long address) {

    /// Address space and width.
    public enum Kind {
        IO(0x1),
        MEMORY_32(0x0),
        MEMORY_64(0x4);

        private final int bits;

        Kind(int bits) {
            this.bits = bits;
        }

        /// The read-only low bits that say so.
        public int bits() {
            return bits;
        }
    }

    public static final Field IO_SPACE = bit(0);
    public static final Field TYPE = bits(2, 1);
    public static final Field PREFETCHABLE = bit(3);
    public static final Field MEMORY_ADDRESS = bits(31, 4);
    public static final Field IO_ADDRESS = bits(31, 2);

    /// TYPE of a BAR that takes two registers.
    public static final int TYPE_64 = 2;

    /// From the register, and from the one above it for a 64-bit BAR.
    ///
    /// @param low the register at `index`
    /// @param high the register at `index + 1`; ignored unless `low` says 64 bits
    public static Bar of(int index, int low, int high) {
        if (IO_SPACE.isSet(low)) {
            return new Bar(index, Kind.IO, false, IO_ADDRESS.inPlace(low));
        }
        boolean wide = TYPE.get(low) == TYPE_64;
        long address = MEMORY_ADDRESS.inPlace(low) | (wide ? (long) high << 32 : 0);
        return new Bar(
                index, wide ? Kind.MEMORY_64 : Kind.MEMORY_32, PREFETCHABLE.isSet(low), address);
    }
}
