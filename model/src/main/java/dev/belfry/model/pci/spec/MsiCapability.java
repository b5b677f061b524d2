package dev.belfry.model.pci.spec;

import static dev.belfry.model.bits.Field.bit;
import static dev.belfry.model.bits.Field.bits;

import dev.belfry.model.bits.Field;

/// The MSI capability (PCIe 7.7.1), in any of its four layouts.
///
/// @param offset where it is in configuration space
/// @param messageControl 16 bits at +2
/// @param address Message Address, with Message Upper Address when it has one
/// @param data Message Data, 16 bits
/// @param mask Mask Bits; 0 without per-vector masking
/// @param pending Pending Bits; 0 without per-vector masking
public record MsiCapability(
        int offset, int messageControl, long address, int data, int mask, int pending) {

    public static final int MESSAGE_CONTROL = 0x2;
    public static final int ADDRESS = 0x4;
    public static final int UPPER_ADDRESS = 0x8;

    public static final Field MSI_ENABLE = bit(0);
    public static final Field MULTIPLE_MESSAGE_CAPABLE = bits(3, 1);
    public static final Field MULTIPLE_MESSAGE_ENABLE = bits(6, 4);
    public static final Field ADDRESS_64_CAPABLE = bit(7);
    public static final Field PER_VECTOR_MASKING_CAPABLE = bit(8);

    public boolean enabled() {
        return MSI_ENABLE.isSet(messageControl);
    }

    public boolean is64() {
        return is64(messageControl);
    }

    public boolean perVectorMasking() {
        return perVectorMasking(messageControl);
    }

    /// How many vectors the function asks for: 1..32.
    public int vectorsCapable() {
        return 1 << Math.min(5, MULTIPLE_MESSAGE_CAPABLE.getInt(messageControl));
    }

    /// How many vectors software gave: 1..32, never more than asked for.
    public int vectorsEnabled() {
        int given = 1 << Math.min(5, MULTIPLE_MESSAGE_ENABLE.getInt(messageControl));
        return Math.min(given, vectorsCapable());
    }

    /// The data of vector `vector`: its number replaces the low bits (PCIe 7.7.1.2).
    ///
    /// @param vector 0 up to, not including, [#vectorsEnabled]
    public int dataOf(int vector) {
        int low = vectorsEnabled() - 1;
        return (data & ~low) | (vector & low);
    }

    /// Whether `vector` is masked.
    public boolean masked(int vector) {
        return ((mask >>> (vector & 31)) & 1) != 0;
    }

    static boolean is64(int messageControl) {
        return ADDRESS_64_CAPABLE.isSet(messageControl);
    }

    static boolean perVectorMasking(int messageControl) {
        return PER_VECTOR_MASKING_CAPABLE.isSet(messageControl);
    }

    /// Offset of Message Data within the capability.
    public static int dataOffset(int messageControl) {
        return is64(messageControl) ? 0xc : 0x8;
    }

    /// Offset of Mask Bits within the capability.
    public static int maskOffset(int messageControl) {
        return is64(messageControl) ? 0x10 : 0xc;
    }

    /// Offset of Pending Bits within the capability.
    public static int pendingOffset(int messageControl) {
        return maskOffset(messageControl) + 4;
    }

    /// Bytes of the capability.
    public static int length(int messageControl) {
        return perVectorMasking(messageControl)
                ? pendingOffset(messageControl) + 4
                : dataOffset(messageControl) + 2;
    }
}
