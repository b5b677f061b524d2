package dev.belfry.model.journey;

import java.util.Arrays;

/// Bytes as they lie in memory; immutable, compared by content.
public final class Bytes {

    /// No bytes.
    public static final Bytes NONE = new Bytes(new byte[0]);

    private final byte[] bytes;

    private Bytes(byte[] bytes) {
        this.bytes = bytes;
    }

    /// A copy of `bytes`.
    public static Bytes of(byte[] bytes) {
        return bytes.length == 0 ? NONE : new Bytes(bytes.clone());
    }

    /// The bytes of little-endian 64-bit words, in memory order.
    public static Bytes ofWords(long... words) {
        byte[] out = new byte[words.length * 8];
        for (int i = 0; i < out.length; i++) {
            out[i] = (byte) (words[i / 8] >>> (8 * (i % 8)));
        }
        return out.length == 0 ? NONE : new Bytes(out);
    }

    /// The low `width` bytes of `value`, in memory order.
    public static Bytes ofValue(long value, int width) {
        byte[] out = new byte[width];
        for (int i = 0; i < width; i++) {
            out[i] = (byte) (value >>> (8 * i));
        }
        return new Bytes(out);
    }

    /// How many there are.
    public int length() {
        return bytes.length;
    }

    /// The byte at `index`, 0..255.
    public int at(int index) {
        return bytes[index] & 0xff;
    }

    /// A copy.
    public byte[] toArray() {
        return bytes.clone();
    }

    @Override
    public boolean equals(Object o) {
        return o instanceof Bytes other && Arrays.equals(bytes, other.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    /// Two hex digits a byte, separated by spaces.
    @Override
    public String toString() {
        StringBuilder out = new StringBuilder();
        for (byte b : bytes) {
            if (!out.isEmpty()) {
                out.append(' ');
            }
            out.append(Character.forDigit((b >> 4) & 0xf, 16))
                    .append(Character.forDigit(b & 0xf, 16));
        }
        return out.toString();
    }
}
