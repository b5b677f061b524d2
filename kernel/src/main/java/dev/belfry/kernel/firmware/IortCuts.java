package dev.belfry.kernel.firmware;

import java.util.NavigableSet;
import java.util.TreeSet;

/// Requester ids at which what becomes of them may change: ends of ranges, and the last id of one,
/// which has a rule of its own. Between two of them ids follow each other on the other side, too.
final class IortCuts {

    private static final int REQUESTER_IDS = 1 << 16;
    private static final int DEEPEST = 6;

    private final Iort iort;
    private final TreeSet<Integer> cuts = new TreeSet<>();

    private IortCuts(Iort iort) {
        this.iort = iort;
    }

    /// Those of a root complex, 0 among them.
    static NavigableSet<Integer> of(Iort iort, IortNode root) {
        IortCuts all = new IortCuts(iort);
        all.cuts.add(0);
        all.below(root, 0, 0, REQUESTER_IDS - 1L, 0);
        return all.cuts;
    }

    /// @param shift what a requester id has gained on the way to this node
    /// @param low first requester id that comes here
    /// @param high last one
    private void below(IortNode node, long shift, long low, long high, int depth) {
        if (depth > DEEPEST) {
            return;
        }
        for (IortNode.Mapping mapping : node.mappings()) {
            if (mapping.single()) {
                // All ids become one: nothing follows anything.
                for (long id = low; id <= high; id++) {
                    cuts.add((int) id);
                }
                return;
            }
            long first = mapping.inputBase() - shift;
            long last = mapping.last() - shift;
            for (long at : new long[] {first, first + 1, last, last + 1}) {
                if (at >= low && at <= high) {
                    cuts.add((int) at);
                }
            }
            long from = Math.max(low, first);
            long to = Math.min(high, last);
            if (from <= to) {
                long gained = shift + mapping.outputBase() - mapping.inputBase();
                iort.at(mapping.output())
                        .ifPresent(next -> below(next, gained, from, to, depth + 1));
            }
        }
    }
}
