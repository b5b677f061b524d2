package dev.belfry.vmm.cmdline;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Values as QEMU writes them.
public final class Quantities {

    private static final Pattern SIZE =
            Pattern.compile("(?<number>[0-9]{1,20}(\\.[0-9]{0,20})?)(?<suffix>[bBkKmMgGtTpPeE]?)");
    private static final int LONGEST = 64;
    private static final String SUFFIXES = "BKMGTPE";
    private static final BigInteger LIMIT = BigInteger.ONE.shiftLeft(64);

    private Quantities() {}

    /// A size in bytes: `512M`, `1.5G`, `0x1000`. No suffix means bytes. Sizes from 2^63 on are not
    /// read: no machine has them.
    public static OptionalLong size(String text) {
        if (text.startsWith("0x") || text.startsWith("0X")) {
            return number(text);
        }
        Matcher matcher = SIZE.matcher(text);
        if (!matcher.matches()) {
            return OptionalLong.empty();
        }
        String suffix = matcher.group("suffix");
        int power =
                suffix.isEmpty() ? 0 : SUFFIXES.indexOf(Character.toUpperCase(suffix.charAt(0)));
        BigInteger bytes = bytes(matcher.group("number"), power);
        return bytes.bitLength() < 64 ? OptionalLong.of(bytes.longValue()) : OptionalLong.empty();
    }

    /// Whether that is a size of 2^63 bytes or more that QEMU would still read.
    public static boolean isHuge(String text) {
        Matcher matcher = SIZE.matcher(text);
        if (!matcher.matches() || size(text).isPresent()) {
            return false;
        }
        String suffix = matcher.group("suffix");
        int power =
                suffix.isEmpty() ? 0 : SUFFIXES.indexOf(Character.toUpperCase(suffix.charAt(0)));
        return bytes(matcher.group("number"), power).bitLength() == 64;
    }

    private static BigInteger bytes(String number, int power) {
        return new BigDecimal(number)
                .multiply(new BigDecimal(BigInteger.ONE.shiftLeft(10 * power)))
                .toBigInteger();
    }

    /// An unsigned 64-bit number, decimal, hexadecimal (`0x`) or octal (leading `0`).
    public static OptionalLong number(String text) {
        if (text.length() > LONGEST) {
            return OptionalLong.empty();
        }
        try {
            BigInteger value;
            if (text.startsWith("0x") || text.startsWith("0X")) {
                value = new BigInteger(text.substring(2), 16);
            } else if (text.length() > 1 && text.startsWith("0")) {
                value = new BigInteger(text.substring(1), 8);
            } else {
                value = new BigInteger(text);
            }
            return value.signum() >= 0 && value.compareTo(LIMIT) < 0
                    ? OptionalLong.of(value.longValue())
                    : OptionalLong.empty();
        } catch (NumberFormatException e) {
            return OptionalLong.empty();
        }
    }

    /// A boolean: `on`, `yes`, `true`, `y` and their opposites.
    public static Optional<Boolean> bool(String text) {
        return switch (text) {
            case "on", "yes", "true", "y" -> Optional.of(true);
            case "off", "no", "false", "n" -> Optional.of(false);
            default -> Optional.empty();
        };
    }
}
