package dev.belfry.kernel.firmware;

import dev.belfry.model.bits.Hex;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// Bytes of a device tree, big-endian, that cannot be read beyond their end.
final class DtBytes {

    private final byte[] bytes;

    DtBytes(byte[] bytes) {
        this.bytes = bytes;
    }

    int length() {
        return bytes.length;
    }

    int u8(int offset) {
        return bytes[check(offset, 1)] & 0xff;
    }

    int cell(int offset) {
        check(offset, 4);
        return u8(offset) << 24 | u8(offset + 1) << 16 | u8(offset + 2) << 8 | u8(offset + 3);
    }

    DtBytes slice(int offset, int length) {
        return new DtBytes(Arrays.copyOfRange(bytes, check(offset, length), offset + length));
    }

    /// Text up to the next zero byte, of no more than `limit` characters.
    String string(int offset, int limit) {
        int end = check(offset, 0);
        while (u8(end) != 0) {
            if (++end - offset > limit) {
                throw new FirmwareError("device tree: endless text at " + Hex.of(offset));
            }
        }
        return new String(bytes, offset, end - offset, StandardCharsets.ISO_8859_1);
    }

    private int check(int offset, int length) {
        if (offset < 0 || length < 0 || offset > bytes.length - length) {
            throw new FirmwareError("device tree: ends before " + Hex.of(offset));
        }
        return offset;
    }
}
