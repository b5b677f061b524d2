package dev.belfry.cli.text;

import dev.belfry.model.bits.Hex;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/// How optional values and sizes are spelled in tables: `-` where there is none.
final class Show {

    private static final String NONE = "-";

    private Show() {}

    static String hex(OptionalLong value) {
        return value.isPresent() ? Hex.of(value.getAsLong()) : NONE;
    }

    static String hex(OptionalInt value) {
        return value.isPresent() ? Hex.of(value.getAsInt()) : NONE;
    }

    static String number(OptionalInt value) {
        return value.isPresent() ? Integer.toString(value.getAsInt()) : NONE;
    }

    static String text(Optional<String> value) {
        return value.orElse(NONE);
    }

    /// Bytes in the largest binary unit that divides them.
    static String size(long bytes) {
        String[] units = {"B", "KiB", "MiB", "GiB", "TiB"};
        int unit = 0;
        long value = bytes;
        while (unit < units.length - 1 && value != 0 && value % 1024 == 0) {
            value /= 1024;
            unit++;
        }
        return value + " " + units[unit];
    }
}
