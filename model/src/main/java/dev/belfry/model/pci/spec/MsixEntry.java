package dev.belfry.model.pci.spec;

import static dev.belfry.model.bits.Field.bit;

import dev.belfry.model.bits.Field;

/// An entry of an MSI-X table: 16 bytes (PCIe 7.7.2.5).
///
/// @param address Message Upper Address and Message Address
/// @param data Message Data
/// @param vectorControl Vector Control
public record MsixEntry(long address, int data, int vectorControl) {

    /// Bytes of an entry.
    public static final int SIZE = 16;

    public static final int ADDRESS = 0x0;
    public static final int UPPER_ADDRESS = 0x4;
    public static final int DATA = 0x8;
    public static final int VECTOR_CONTROL = 0xc;

    public static final Field MASK = bit(0);

    /// From the entry's two little-endian 64-bit words.
    public static MsixEntry of(long word0, long word1) {
        return new MsixEntry(word0, (int) word1, (int) (word1 >>> 32));
    }

    /// Entry `vector` of a raw table.
    ///
    /// @throws IndexOutOfBoundsException when the table is shorter; see [#count]
    public static MsixEntry of(byte[] table, int vector) {
        int at = vector * SIZE;
        return of(LittleEndian.get(table, at, 8), LittleEndian.get(table, at + 8, 8));
    }

    /// How many whole entries a raw table has.
    public static int count(byte[] table) {
        return table.length / SIZE;
    }

    /// The first 64-bit word as it lies in memory: the address.
    public long word0() {
        return address;
    }

    /// The second 64-bit word as it lies in memory: data, then Vector Control.
    public long word1() {
        return (data & 0xffff_ffffL) | (long) vectorControl << 32;
    }

    /// Whether the vector itself is masked; the function mask is another matter.
    public boolean masked() {
        return MASK.isSet(vectorControl);
    }
}
