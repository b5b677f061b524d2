package dev.belfry.model.pci.spec;

import static dev.belfry.model.bits.Field.bit;
import static dev.belfry.model.bits.Field.bits;

import dev.belfry.model.bits.Field;

/// The MSI-X capability (PCIe 7.7.2): 12 bytes.
///
/// @param offset where it is in configuration space
/// @param messageControl 16 bits at +2
/// @param table Table Offset / Table BIR, at +4
/// @param pba PBA Offset / PBA BIR, at +8
public record MsixCapability(int offset, int messageControl, int table, int pba) {

    /// Bytes of the capability.
    public static final int LENGTH = 12;

    public static final int MESSAGE_CONTROL = 0x2;
    public static final int TABLE = 0x4;
    public static final int PBA = 0x8;

    public static final Field TABLE_SIZE = bits(10, 0);
    public static final Field FUNCTION_MASK = bit(14);
    public static final Field MSIX_ENABLE = bit(15);
    public static final Field BIR = bits(2, 0);
    public static final Field OFFSET = bits(31, 3);

    /// How many vectors: 1..2048.
    public int vectors() {
        return TABLE_SIZE.getInt(messageControl) + 1;
    }

    public boolean enabled() {
        return MSIX_ENABLE.isSet(messageControl);
    }

    /// Whether all vectors are masked at once.
    public boolean functionMask() {
        return FUNCTION_MASK.isSet(messageControl);
    }

    /// The BAR with the table, 0..5; 6 and 7 are reserved.
    public int tableBar() {
        return BIR.getInt(table);
    }

    /// The table's offset in that BAR, 8-byte aligned.
    public long tableOffset() {
        return OFFSET.inPlace(table);
    }

    /// The BAR with the Pending Bit Array.
    public int pbaBar() {
        return BIR.getInt(pba);
    }

    /// The Pending Bit Array's offset in that BAR.
    public long pbaOffset() {
        return OFFSET.inPlace(pba);
    }

    /// Bytes of the table.
    public int tableLength() {
        return vectors() * MsixEntry.SIZE;
    }
}
