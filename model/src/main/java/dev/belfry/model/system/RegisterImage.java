package dev.belfry.model.system;

import java.util.Collections;
import java.util.Map;
import java.util.NavigableMap;
import java.util.OptionalLong;
import java.util.TreeMap;

/// Registers as they were read once.
///
/// @param values 4-byte registers by offset, each 0..0xffffffff
public record RegisterImage(NavigableMap<Long, Long> values) implements SystemView.Registers {

    public RegisterImage {
        TreeMap<Long, Long> copy = new TreeMap<>();
        for (Map.Entry<Long, Long> e : values.entrySet()) {
            copy.put(e.getKey(), e.getValue() & 0xffff_ffffL);
        }
        values = Collections.unmodifiableNavigableMap(copy);
    }

    @Override
    public OptionalLong read32(long offset) {
        Long value = values.get(offset);
        return value == null ? OptionalLong.empty() : OptionalLong.of(value);
    }
}
