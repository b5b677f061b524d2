package dev.belfry.kernel.its;

import java.util.OptionalInt;
import java.util.TreeMap;

/// Hands out ranges of interrupt ids, lowest first.
final class IntIdAllocator {

    private final TreeMap<Integer, Integer> free = new TreeMap<>();

    IntIdAllocator(int first, int count) {
        if (count > 0) {
            free.put(first, count);
        }
    }

    /// The first of `count` ids in a row, aligned to `alignment` counted from 0.
    OptionalInt allocate(int count, int alignment) {
        for (var range : free.entrySet()) {
            int first = range.getKey();
            int start = (first + alignment - 1) / alignment * alignment;
            int end = first + range.getValue();
            if (start + count <= end) {
                free.remove(first);
                put(first, start - first);
                put(start + count, end - start - count);
                return OptionalInt.of(start);
            }
        }
        return OptionalInt.empty();
    }

    private void put(int first, int count) {
        if (count > 0) {
            free.put(first, count);
        }
    }

    void release(int first, int count) {
        int start = first;
        int length = count;
        Integer after = free.remove(first + count);
        length += after == null ? 0 : after;
        var below = free.floorEntry(first);
        if (below != null && below.getKey() + below.getValue() == first) {
            start = below.getKey();
            length += below.getValue();
        }
        free.put(start, length);
    }
}
