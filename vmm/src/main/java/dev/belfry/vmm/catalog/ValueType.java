package dev.belfry.vmm.catalog;

import dev.belfry.vmm.cmdline.Quantities;
import dev.belfry.vmm.cmdline.Written;
import java.math.BigInteger;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/// Which values a property takes.
public sealed interface ValueType {

    /// `on` or `off`.
    record Bool() implements ValueType {}

    /// A number between two bounds, both included.
    ///
    /// @param name of its type: `uint8`
    record Whole(String name, BigInteger lowest, BigInteger highest) implements ValueType {

        boolean isSigned() {
            return lowest.signum() < 0;
        }

        /// Whether a number is within the bounds. QEMU reads an unsigned one with a sign as what
        /// the bits of its 64-bit complement say.
        boolean holds(BigInteger value) {
            boolean wide = highest.bitLength() == Long.SIZE && !isSigned();
            return value.compareTo(highest) <= 0
                    && (value.compareTo(lowest) >= 0 || (wide && value.bitLength() < Long.SIZE));
        }
    }

    /// A number of bytes.
    record Size() implements ValueType {}

    /// One of a few words.
    record Choice(List<String> words) implements ValueType {}

    /// Text of a form of its own; QEMU does not say what is wrong with it.
    record Form(Pattern pattern) implements ValueType {}

    /// The id of an object or a device.
    ///
    /// @param to of which type
    record Link(String to) implements ValueType {}

    /// Any text.
    record Text() implements ValueType {}

    /// Nothing is known of it.
    record Any() implements ValueType {}

    /// More than one value can say.
    record Struct() implements ValueType {}

    /// Whether a word is one of these values.
    default boolean takes(String word) {
        return Refusals.KEYVAL.of("", "", word, Written.WORD, this).isEmpty();
    }

    /// What may stand there, for whoever wrote something else.
    default String right() {
        return switch (this) {
            case Bool b -> "on, off";
            case Whole w -> w.lowest + " to " + w.highest;
            case Size s -> "a size such as 512M or 4G";
            case Choice c -> String.join(", ", c.words);
            case Link l -> "the id of a " + l.to;
            case Struct s -> "values of keys of its own";
            case Form f -> "another form";
            case Text t -> "text";
            case Any a -> "anything";
        };
    }

    /// A value as JSON has it.
    default String json(String key, String value) {
        String text =
                switch (this) {
                    case Bool b -> Boolean.toString(Quantities.bool(value).orElse(false));
                    case Whole w -> number(value).map(BigInteger::toString).orElse(value);
                    case Size s -> Long.toString(Quantities.size(value).orElse(0));
                    default -> "\"" + value + "\"";
                };
        return "\"" + key + "\":" + text;
    }

    /// A number as C reads it: decimal, hexadecimal or octal, with a sign.
    static Optional<BigInteger> number(String text) {
        boolean negative = text.startsWith("-");
        String digits = negative || text.startsWith("+") ? text.substring(1) : text;
        if (digits.isEmpty() || !Character.isDigit(digits.charAt(0))) {
            return Optional.empty();
        }
        return Quantities.number(digits).stream()
                .mapToObj(n -> new BigInteger(Long.toUnsignedString(n)))
                .map(n -> negative ? n.negate() : n)
                .findFirst();
    }
}
