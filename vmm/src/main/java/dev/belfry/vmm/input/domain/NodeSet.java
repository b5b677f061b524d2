package dev.belfry.vmm.input.domain;

import java.util.BitSet;
import java.util.stream.IntStream;

/// Sets of small numbers as libvirt writes them: `0-3,5,^2`.
final class NodeSet {

    private static final int MOST = 1023;

    private NodeSet() {}

    /// The numbers up to 1023; what is not one is left out.
    static IntStream of(String text) {
        BitSet set = new BitSet();
        for (String part : text.split(",")) {
            boolean not = part.strip().startsWith("^");
            String range = not ? part.strip().substring(1) : part.strip();
            int dash = range.indexOf('-');
            int first =
                    Quantity.number(dash < 0 ? range : range.substring(0, dash), MOST).orElse(1);
            int last =
                    Quantity.number(dash < 0 ? range : range.substring(dash + 1), MOST).orElse(0);
            if (first <= last) {
                set.set(first, last + 1, !not);
            }
        }
        return set.stream();
    }
}
