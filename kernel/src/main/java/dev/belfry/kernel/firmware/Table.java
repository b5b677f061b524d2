package dev.belfry.kernel.firmware;

import dev.belfry.model.bits.Hex;
import java.nio.charset.StandardCharsets;

/// Bytes of a table, little-endian, that cannot be read beyond their end.
final class Table {

    private final String name;
    private final byte[] bytes;

    Table(String name, byte[] bytes) {
        this.name = name;
        this.bytes = bytes;
    }

    int length() {
        return bytes.length;
    }

    int u8(long offset) {
        return bytes[check(offset, 1)] & 0xff;
    }

    int u16(long offset) {
        return (int) number(offset, 2);
    }

    long u32(long offset) {
        return number(offset, 4);
    }

    long u64(long offset) {
        return number(offset, 8);
    }

    /// A field that should be a small count or offset: 0..2^31-1.
    int count(long offset) {
        long value = u32(offset);
        if (value > Integer.MAX_VALUE) {
            throw malformed("a count or offset of " + Hex.of(value), offset);
        }
        return (int) value;
    }

    /// `width` bytes as a number, 1..8.
    long number(long offset, int width) {
        int at = check(offset, width);
        long value = 0;
        for (int i = width - 1; i >= 0; i--) {
            value = value << 8 | (bytes[at + i] & 0xff);
        }
        return value;
    }

    String text(long offset, int length) {
        return new String(bytes, check(offset, length), length, StandardCharsets.ISO_8859_1);
    }

    byte[] copy(long offset, long length) {
        byte[] copy = new byte[check(offset, length) >= 0 ? (int) length : 0];
        System.arraycopy(bytes, (int) offset, copy, 0, copy.length);
        return copy;
    }

    FirmwareError malformed(String what, long offset) {
        return new FirmwareError(name + ": " + what + " at " + Hex.of(offset));
    }

    private int check(long offset, long length) {
        if (offset < 0 || length < 0 || offset > bytes.length - length) {
            throw malformed("the table ends before " + length + " bytes", offset);
        }
        return (int) offset;
    }
}
