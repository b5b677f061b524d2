package dev.belfry.vmm.reader;

import java.util.Arrays;
import java.util.List;

/// The order in which QEMU visits the objects of `-object`: they are the children of `/objects`, in
/// a GLib hash table keyed by their ids, and are visited slot by slot. Tables that list objects
/// list them in this order, not in that of the command line.
final class QomOrder {

    private static final int FEWEST_SHIFT = 3;
    private static final double ROOM = 1.333;

    /// The largest prime below each power of two; GLib's home slots are counted in it.
    private static final int[] PRIMES = {
        1, 2, 3, 7, 13, 31, 61, 127, 251, 509, 1021, 2039, 4093, 8191, 16381, 32749, 65521
    };

    private String[] slots = new String[1 << FEWEST_SHIFT];
    private int shift = FEWEST_SHIFT;
    private int used;

    private QomOrder() {
        Arrays.fill(slots, "");
    }

    /// @param ids in the order in which the objects are made; each once, none empty
    static List<String> of(List<String> ids) {
        QomOrder table = new QomOrder();
        ids.forEach(table::add);
        return Arrays.stream(table.slots).filter(s -> !s.isEmpty()).toList();
    }

    private void add(String id) {
        place(id, slots);
        used++;
        if (slots.length <= used + used / 16 && shift + 1 < PRIMES.length) {
            grow();
        }
    }

    private void place(String id, String[] to) {
        int at = home(id);
        for (int step = 1; !to[at].isEmpty(); step++) {
            at = at + step & to.length - 1;
        }
        to[at] = id;
    }

    /// Entries are moved in the order of their old slots; one that is in the way of another moves
    /// on at once.
    private void grow() {
        shift = Integer.SIZE - Integer.numberOfLeadingZeros((int) (used * ROOM));
        String[] larger = Arrays.copyOf(slots, 1 << shift);
        Arrays.fill(larger, slots.length, larger.length, "");
        boolean[] moved = new boolean[larger.length];
        for (int i = 0; i < slots.length; i++) {
            if (!larger[i].isEmpty() && !moved[i]) {
                String id = larger[i];
                larger[i] = "";
                while (!id.isEmpty()) {
                    int at = home(id);
                    for (int step = 1; moved[at]; step++) {
                        at = at + step & larger.length - 1;
                    }
                    moved[at] = true;
                    String evicted = larger[at];
                    larger[at] = id;
                    id = evicted;
                }
            }
        }
        slots = larger;
    }

    private int home(String id) {
        int hash = 5381;
        for (int i = 0; i < id.length(); i++) {
            hash = hash * 33 + (byte) id.charAt(i);
        }
        // 0 and 1 mark slots that are free or were.
        return Integer.remainderUnsigned((hash >>> 1 == 0 ? 2 : hash) * 11, PRIMES[shift]);
    }
}
