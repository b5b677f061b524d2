package dev.belfry.qemu.pci;

import static dev.belfry.model.bits.Field.bit;
import static dev.belfry.model.bits.Field.bits;

import dev.belfry.model.bits.Field;
import dev.belfry.model.journey.Bytes;

/// A function's configuration space as it was read, 256 or 4,096 bytes.
///
/// @param bytes the space; offsets beyond it read as 0
public record ConfigSpace(Bytes bytes) {

    private static final int COMMAND = 0x04;
    private static final Field MEMORY_SPACE_ENABLE = bit(1);
    private static final int STATUS = 0x06;
    private static final Field CAPABILITIES_LIST = bit(4);
    private static final int HEADER_TYPE = 0x0e;
    private static final Field HEADER_LAYOUT = bits(6, 0);
    private static final int BAR0 = 0x10;
    private static final Field BAR_IO = bit(0);
    private static final Field BAR_TYPE = bits(2, 1);
    private static final int BAR_64 = 2;
    private static final Field BAR_ADDRESS = bits(31, 4);
    private static final int CAPABILITIES_POINTER = 0x34;
    private static final int MSIX = 0x11;
    private static final Field TABLE_SIZE = bits(10, 0);
    private static final Field TABLE_BIR = bits(2, 0);
    private static final Field TABLE_OFFSET = bits(31, 3);

    /// A chain of 4-byte aligned capabilities cannot be longer than this without a loop.
    private static final int MOST_CAPABILITIES = 48;

    /// The little-endian value of `width` bytes at `offset`.
    public long get(int offset, int width) {
        long value = 0;
        for (int i = width - 1; i >= 0; i--) {
            int at = offset + i;
            value = value << 8 | (at < bytes.length() ? bytes.at(at) : 0);
        }
        return value;
    }

    /// Whether there is a function at all: Vendor ID is not all ones.
    public boolean present() {
        return get(0, 2) != 0xffff;
    }

    /// Offset of the first capability with `id`, 0 when there is none.
    public int capability(int id) {
        if (!CAPABILITIES_LIST.isSet(get(STATUS, 2))) {
            return 0;
        }
        int at = (int) get(CAPABILITIES_POINTER, 1) & 0xfc;
        for (int i = 0; i < MOST_CAPABILITIES && at != 0; i++) {
            if (get(at, 1) == id) {
                return at;
            }
            at = (int) get(at + 1, 1) & 0xfc;
        }
        return 0;
    }

    /// Vectors in the MSI-X table, 0 when there is no MSI-X.
    public int msixEntries() {
        int at = capability(MSIX);
        return at == 0 ? 0 : TABLE_SIZE.getInt(get(at + 2, 2)) + 1;
    }

    /// Physical address of the MSI-X table; 0 when there is none, its BAR is not programmed or
    /// memory decoding is off.
    public long msixTableAddress() {
        int at = capability(MSIX);
        if (at == 0 || !MEMORY_SPACE_ENABLE.isSet(get(COMMAND, 2))) {
            return 0;
        }
        long table = get(at + 4, 4);
        long bar = bar(TABLE_BIR.getInt(table));
        return bar == 0 ? 0 : bar + TABLE_OFFSET.inPlace(table);
    }

    /// The memory address in BAR `index`; 0 when there is none or it is an I/O BAR.
    public long bar(int index) {
        int bars = HEADER_LAYOUT.get(get(HEADER_TYPE, 1)) == 1 ? 2 : 6;
        if (index >= bars) {
            return 0;
        }
        long low = get(BAR0 + 4 * index, 4);
        if (BAR_IO.isSet(low)) {
            return 0;
        }
        long high =
                BAR_TYPE.get(low) == BAR_64 && index + 1 < bars ? get(BAR0 + 4 * index + 4, 4) : 0;
        return high << 32 | BAR_ADDRESS.inPlace(low);
    }
}
