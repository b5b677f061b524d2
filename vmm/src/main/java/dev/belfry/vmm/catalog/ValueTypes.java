package dev.belfry.vmm.catalog;

import java.math.BigInteger;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Types by their names in `qemu.txt`.
final class ValueTypes {

    private static final Pattern WHOLE = Pattern.compile("(u?)int(\\d+)");

    /// `slot` or `slot.function`, hexadecimal, as scanf reads it.
    private static final Pattern DEVFN =
            Pattern.compile("(?:0[xX])?0*[01]?[0-9a-fA-F](?:\\.(?:0[xX])?0*[0-7])?");

    private static final Pattern MAC =
            Pattern.compile("[0-9a-fA-F]{2}([:-][0-9a-fA-F]{2}){5}|[0-9a-fA-F]{12}");
    private static final Pattern UUID =
            Pattern.compile("auto|[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}");

    private final Map<String, ValueType> choices = new HashMap<>();

    void choice(String name, List<String> words) {
        choices.put(name, new ValueType.Choice(List.copyOf(words)));
    }

    /// A type of that name; text where nothing else is known of it.
    ValueType of(String name) {
        Matcher whole = WHOLE.matcher(name);
        if (whole.matches()) {
            return whole(name, whole.group(1).isEmpty(), Integer.parseInt(whole.group(2)));
        }
        if (name.startsWith("link-")) {
            return new ValueType.Link(name.substring(5));
        }
        if (name.contains("|")) {
            return new ValueType.Choice(List.of(name.split("\\|")));
        }
        return switch (name) {
            case "bool" -> new ValueType.Bool();
            case "size" -> new ValueType.Size();
            case "devfn" -> new ValueType.Form(DEVFN);
            case "mac" -> new ValueType.Form(MAC);
            case "uuid" -> new ValueType.Form(UUID);
            case "struct" -> new ValueType.Struct();
            case "str" -> new ValueType.Text();
            default -> choices.getOrDefault(name, new ValueType.Any());
        };
    }

    private static ValueType whole(String name, boolean signed, int bits) {
        BigInteger end = BigInteger.ONE.shiftLeft(signed ? bits - 1 : bits);
        return new ValueType.Whole(
                name, signed ? end.negate() : BigInteger.ZERO, end.subtract(BigInteger.ONE));
    }
}
