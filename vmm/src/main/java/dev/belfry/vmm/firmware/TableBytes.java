package dev.belfry.vmm.firmware;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/// A growing row of bytes, little-endian.
final class TableBytes {

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    /// The low `width` bytes of `value`.
    TableBytes put(long value, int width) {
        for (int i = 0; i < width; i++) {
            out.write((int) (value >>> (8 * i)));
        }
        return this;
    }

    TableBytes u8(long value) {
        return put(value, 1);
    }

    TableBytes u16(long value) {
        return put(value, 2);
    }

    TableBytes u32(long value) {
        return put(value, 4);
    }

    TableBytes u64(long value) {
        return put(value, 8);
    }

    TableBytes zeros(int count) {
        return bytes(new byte[count]);
    }

    TableBytes bytes(byte[] bytes) {
        out.writeBytes(bytes);
        return this;
    }

    /// ASCII, without a terminator.
    TableBytes text(String text) {
        return bytes(text.getBytes(StandardCharsets.US_ASCII));
    }

    int size() {
        return out.size();
    }

    byte[] toArray() {
        return out.toByteArray();
    }
}
