package dev.belfry.model.bits;

/// How Belfry spells addresses and register words: `0x…`, lower case, no leading zeros (DESIGN
/// section 8).
public final class Hex {

    private Hex() {}

    /// `value`, unsigned.
    public static String of(long value) {
        return "0x" + Long.toHexString(value);
    }

    /// `value`, unsigned.
    public static String of(int value) {
        return "0x" + Integer.toHexString(value);
    }
}
