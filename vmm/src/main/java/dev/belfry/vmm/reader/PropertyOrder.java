package dev.belfry.vmm.reader;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;

/// In which order QEMU sets a device's properties, and so which of several wrong ones it names: by
/// the bucket of the dictionary that it keeps them in (`qdict_first`, `qdict_next`), the newest of
/// a bucket first.
final class PropertyOrder {

    private static final int BUCKETS = 512;

    private PropertyOrder() {}

    /// The keys in that order.
    ///
    /// @param keys as they were written
    static List<String> of(Collection<String> keys) {
        List<String> ordered = new ArrayList<>(keys);
        Collections.reverse(ordered);
        ordered.sort(Comparator.comparingInt(PropertyOrder::bucket));
        return ordered;
    }

    /// Arithmetic on 32 bits without sign.
    static int bucket(String key) {
        int value = 0x238f_13af * key.length();
        for (int i = 0; i < key.length(); i++) {
            value += key.charAt(i) << (i * 5 % 24);
        }
        return Integer.remainderUnsigned(1_103_515_243 * value + 12_345, BUCKETS);
    }
}
