package dev.belfry.model.pci.spec;

/// Little-endian values in byte arrays. Bytes beyond the array read as ones, as a read that nothing
/// answers does.
final class LittleEndian {

    private LittleEndian() {}

    static long get(byte[] bytes, int offset, int width) {
        long value = 0;
        for (int i = width - 1; i >= 0; i--) {
            int at = offset + i;
            value = (value << 8) | (at >= 0 && at < bytes.length ? bytes[at] & 0xff : 0xff);
        }
        return value;
    }
}
