package dev.belfry.vmm.input.domain;

import java.math.BigInteger;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.OptionalLong;

/// Numbers as libvirt's XML writes them.
final class Quantity {

    private static final String POWERS = "kmgtpe";
    private static final int KIB = 10;

    private Quantity() {}

    /// Bytes of `<memory unit='KiB'>1048576</memory>`: `b`, `KB`, `KiB`, `k`, …; KiB without a
    /// unit.
    ///
    /// @return empty when it is not a size below 2^63
    static OptionalLong bytes(String number, String unit) {
        OptionalLong value = number(number);
        if (value.isEmpty()) {
            return value;
        }
        BigInteger scale = scale(unit.toLowerCase(Locale.ROOT));
        BigInteger bytes = BigInteger.valueOf(value.getAsLong()).multiply(scale);
        return scale.signum() != 0 && bytes.bitLength() < Long.SIZE
                ? OptionalLong.of(bytes.longValue())
                : OptionalLong.empty();
    }

    private static BigInteger scale(String unit) {
        if (unit.isEmpty()) {
            return BigInteger.ONE.shiftLeft(KIB);
        }
        if (unit.equals("b") || unit.equals("byte") || unit.equals("bytes")) {
            return BigInteger.ONE;
        }
        int power = POWERS.indexOf(unit.charAt(0)) + 1;
        return switch (unit.substring(1)) {
            case "", "ib" -> power == 0 ? BigInteger.ZERO : BigInteger.ONE.shiftLeft(KIB * power);
            case "b" -> power == 0 ? BigInteger.ZERO : BigInteger.valueOf(1000).pow(power);
            default -> BigInteger.ZERO;
        };
    }

    /// Decimal, or hexadecimal with `0x`; not negative.
    static OptionalLong number(String text) {
        String digits = text.strip();
        boolean hex = digits.startsWith("0x") || digits.startsWith("0X");
        try {
            long value = hex ? Long.parseLong(digits.substring(2), 16) : Long.parseLong(digits);
            return value < 0 ? OptionalLong.empty() : OptionalLong.of(value);
        } catch (NumberFormatException e) {
            return OptionalLong.empty();
        }
    }

    /// A number within bounds.
    static OptionalInt number(String text, int most) {
        OptionalLong value = number(text);
        return value.isPresent() && value.getAsLong() <= most
                ? OptionalInt.of((int) value.getAsLong())
                : OptionalInt.empty();
    }
}
