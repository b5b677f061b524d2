package dev.belfry.model.gic.spec;

import static dev.belfry.model.bits.Field.bit;
import static dev.belfry.model.bits.Field.bits;

import dev.belfry.model.bits.Field;
import java.util.LinkedHashMap;
import java.util.Map;

/// An entry of the LPI configuration table (IHI 0069 5.1.1): one byte.
///
/// @param value 0..255
public record LpiConfig(int value) {
    public static final Field PRIORITY = bits(7, 2);
    public static final Field ENABLE = bit(0);

    /// The lowest INTID of an LPI.
    public static final int FIRST_LPI = 8192;

    /// Whether the LPI may be delivered.
    public boolean enabled() {
        return ENABLE.isSet(value);
    }

    /// Its priority, 0 (highest) .. 252 in steps of 4.
    public int priority() {
        return (int) PRIORITY.inPlace(value);
    }

    /// Decoded, for journeys.
    public Map<String, String> fields() {
        Map<String, String> out = new LinkedHashMap<>();
        out.put("Priority", Integer.toString(priority()));
        out.put("Enable", enabled() ? "1" : "0");
        return out;
    }
}
