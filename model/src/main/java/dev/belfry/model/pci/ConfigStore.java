package dev.belfry.model.pci;

import dev.belfry.model.bits.Bits;
import java.util.Arrays;

/// The bytes of a configuration space, with what software may change: bits are read-only unless
/// declared otherwise. Bytes that nobody declared read as 0 (PCIe 7.5.1: reserved), bytes beyond
/// the size as ones, as a request that nothing completes.
///
/// Only as many bytes are kept as were declared, since a segment may hold thousands of functions.
public final class ConfigStore {

    private final int size;
    private byte[] value = new byte[64];
    private byte[] reset = new byte[64];
    private byte[] writable = new byte[64];
    private byte[] clears = new byte[64];

    ConfigStore(int size) {
        this.size = size;
    }

    /// Bytes that answer: 256, or 4,096 for PCI Express.
    public int size() {
        return size;
    }

    /// Reads `width` bytes, 1 to 8, zero-extended.
    public long read(int offset, int width) {
        long out = 0;
        for (int i = width - 1; i >= 0; i--) {
            out = (out << 8) | byteAt(offset + i);
        }
        return out;
    }

    private int byteAt(int at) {
        if (at >= 0 && at < value.length) {
            return value[at] & 0xff;
        }
        return at >= 0 && at < size ? 0 : 0xff;
    }

    /// Declares the value after reset, and takes it now.
    public ConfigStore fix(int offset, int width, long bits) {
        keep(offset, width);
        for (int i = 0; i < width; i++) {
            value[offset + i] = (byte) (bits >>> (8 * i));
            reset[offset + i] = value[offset + i];
        }
        return this;
    }

    /// Lets software write the bits of `mask`.
    public ConfigStore writable(int offset, int width, long mask) {
        keep(offset, width);
        for (int i = 0; i < width; i++) {
            writable[offset + i] |= (byte) (mask >>> (8 * i));
        }
        return this;
    }

    /// Takes back all bits that software could write.
    public ConfigStore readOnly(int offset, int width) {
        keep(offset, width);
        for (int i = 0; i < width; i++) {
            writable[offset + i] = 0;
        }
        return this;
    }

    /// Lets software clear the bits of `mask` by writing 1.
    public ConfigStore writeOneToClear(int offset, int width, long mask) {
        keep(offset, width);
        for (int i = 0; i < width; i++) {
            clears[offset + i] |= (byte) (mask >>> (8 * i));
        }
        return this;
    }

    /// A write by software: `width` bytes, 1 to 8; what lies beyond the size is dropped.
    public void write(int offset, int width, long bits) {
        for (int i = 0; i < width; i++) {
            int at = offset + i;
            if (at >= 0 && at < value.length) {
                int in = (int) (bits >>> (8 * i));
                value[at] = (byte) ((value[at] & ~writable[at]) | (in & writable[at]));
                value[at] &= (byte) ~(in & clears[at]);
            }
        }
    }

    /// A change by the hardware itself.
    public void set(int offset, int width, long bits) {
        keep(offset, width);
        for (int i = 0; i < width; i++) {
            value[offset + i] = (byte) (bits >>> (8 * i));
        }
    }

    /// Everything as after reset.
    void reset() {
        System.arraycopy(reset, 0, value, 0, value.length);
    }

    /// All bytes, as one reads them.
    byte[] toArray() {
        return Arrays.copyOf(value, size);
    }

    private void keep(int offset, int width) {
        if (offset < 0 || width < 0 || offset + width > size) {
            throw new IllegalArgumentException("configuration space has no offset " + offset);
        }
        int needed = offset + width;
        if (needed > value.length) {
            int length = (int) Math.min(size, Bits.alignDown(needed + 63L, 6));
            value = Arrays.copyOf(value, length);
            reset = Arrays.copyOf(reset, length);
            writable = Arrays.copyOf(writable, length);
            clears = Arrays.copyOf(clears, length);
        }
    }
}
