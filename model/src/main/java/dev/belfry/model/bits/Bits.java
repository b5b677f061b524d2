package dev.belfry.model.bits;

/// Shifts by amounts that a guest may choose. Java masks shift counts (`1L << 64 == 1L`), so every
/// such shift goes through here.
public final class Bits {

    private Bits() {}

    /// `value << n`, and 0 for `n >= 64`.
    public static long shiftLeft(long value, int n) {
        return n >= 64 ? 0 : value << n;
    }

    /// `value >>> n` (zero-extending), and 0 for `n >= 64`.
    public static long shiftRight(long value, int n) {
        return n >= 64 ? 0 : value >>> n;
    }

    /// The lowest `n` bits set: 0 for `n <= 0`, all ones for `n >= 64`.
    public static long lowMask(int n) {
        return n <= 0 ? 0 : n >= 64 ? -1L : (1L << n) - 1;
    }

    /// `value` with its lowest `n` bits cleared.
    public static long alignDown(long value, int n) {
        return value & ~lowMask(n);
    }

    /// Whether the lowest `n` bits of `value` are clear.
    public static boolean isAligned(long value, int n) {
        return (value & lowMask(n)) == 0;
    }

    /// Whether `value`, unsigned, needs no more than `n` bits.
    public static boolean fits(long value, int n) {
        return (value & ~lowMask(n)) == 0;
    }
}
