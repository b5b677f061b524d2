package dev.belfry.kernel.firmware;

import java.util.ArrayList;
import java.util.List;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.function.IntFunction;

/// What all requester ids of a segment become, as ranges: each of the 65,536 is asked, or the first
/// of each piece in which nothing changes, then neighbours are joined. So ranges never overlap, and
/// say exactly what one lookup at a time says, whatever the firmware's own ranges do.
public final class IdRanges {

    private static final int REQUESTER_IDS = 1 << 16;

    private IdRanges() {}

    /// Where an id goes.
    ///
    /// @param id on the other side
    /// @param target who takes it
    public record Destination(long id, int target) {}

    /// Ids that are mapped alike.
    ///
    /// @param first first requester id
    /// @param count how many
    /// @param output what `first` becomes; the others follow
    /// @param target who takes them
    public record Range(int first, int count, long output, int target) {

        private boolean continuesWith(int rid, Destination next) {
            return first + count == rid && output + count == next.id() && target == next.target();
        }

        private Range longer(int by) {
            return new Range(first, count + by, output, target);
        }
    }

    /// The same where it is known between which ids nothing changes: only the first of each piece
    /// is asked, and the others follow it.
    ///
    /// @param cuts first ids of pieces, 0 among them
    public static List<Range> of(
            IntFunction<Optional<Destination>> lookup, NavigableSet<Integer> cuts) {
        List<Range> ranges = new ArrayList<>();
        for (int first : cuts) {
            Integer next = cuts.higher(first);
            int count = (next == null ? REQUESTER_IDS : next) - first;
            Optional<Destination> hit = lookup.apply(first);
            if (hit.isEmpty()) {
                continue;
            }
            if (!ranges.isEmpty() && ranges.getLast().continuesWith(first, hit.get())) {
                ranges.set(ranges.size() - 1, ranges.getLast().longer(count));
            } else {
                ranges.add(new Range(first, count, hit.get().id(), hit.get().target()));
            }
        }
        return ranges;
    }

    /// The ranges of what `lookup` says, in ascending order.
    public static List<Range> of(IntFunction<Optional<Destination>> lookup) {
        List<Range> ranges = new ArrayList<>();
        for (int rid = 0; rid < REQUESTER_IDS; rid++) {
            Optional<Destination> hit = lookup.apply(rid);
            if (hit.isEmpty()) {
                continue;
            }
            if (!ranges.isEmpty() && ranges.getLast().continuesWith(rid, hit.get())) {
                ranges.set(ranges.size() - 1, ranges.getLast().longer(1));
            } else {
                ranges.add(new Range(rid, 1, hit.get().id(), hit.get().target()));
            }
        }
        return ranges;
    }
}
