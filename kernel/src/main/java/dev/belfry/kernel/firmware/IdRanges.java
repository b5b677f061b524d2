package dev.belfry.kernel.firmware;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.IntFunction;

/// What all requester ids of a segment become, as ranges: every one of the 65,536 is asked, then
/// neighbours are joined. So ranges never overlap, and say exactly what one lookup at a time says,
/// whatever the firmware's own ranges do.
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

        private Range longer() {
            return new Range(first, count + 1, output, target);
        }
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
                ranges.set(ranges.size() - 1, ranges.getLast().longer());
            } else {
                ranges.add(new Range(rid, 1, hit.get().id(), hit.get().target()));
            }
        }
        return ranges;
    }
}
