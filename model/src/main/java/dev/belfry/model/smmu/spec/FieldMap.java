package dev.belfry.model.smmu.spec;

import dev.belfry.model.bits.Field;
import dev.belfry.model.bits.Hex;
import java.util.LinkedHashMap;
import java.util.Map;

/// Collects decoded fields in the specification's order, under its names.
record FieldMap(Map<String, String> map) {

    FieldMap() {
        this(new LinkedHashMap<>());
    }

    /// A count, an enumeration or a flag: decimal.
    FieldMap number(String name, Field field, long word) {
        map.put(name, Long.toUnsignedString(field.get(word)));
        return this;
    }

    /// An address, kept in place, or a value that people read in hexadecimal.
    FieldMap address(String name, Field field, long word) {
        map.put(name, Hex.of(field.inPlace(word)));
        return this;
    }

    FieldMap hex(String name, long value) {
        map.put(name, Hex.of(value));
        return this;
    }

    FieldMap text(String name, String value) {
        map.put(name, value);
        return this;
    }
}
