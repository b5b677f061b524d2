package dev.belfry.host.iommufd;

import dev.belfry.host.memory.UserMemory;
import dev.belfry.host.memory.UserMemory.Accounting;
import dev.belfry.host.uapi.Done;
import dev.belfry.host.uapi.Result;
import java.util.Map;
import java.util.TreeMap;

/// Which pages of what one call mapped are pinned (`npinned` of `struct iopt_pages`). Copies share
/// them: a page counts once, however many areas show it, and a second call for the same memory
/// counts it again.
final class PinnedPages {

    private final UserMemory process;
    private final Accounting accounting;
    private final int pageShift;

    /// How many areas need each page from this one on, up to the next key.
    private final TreeMap<Long, Integer> users = new TreeMap<>(Long::compareUnsigned);

    /// @param process who is charged
    PinnedPages(UserMemory process, Accounting accounting, int pageShift) {
        this.process = process;
        this.accounting = accounting;
        this.pageShift = pageShift;
    }

    /// An area pins the pages that bytes `[first, last]` lie in.
    ///
    /// @return `ENOMEM` when the process may pin no more
    Result<Done> pin(long first, long last) {
        long pages = change(first, last, 1);
        // Nothing more is not checked: the limit may be lower by now.
        Result<Done> counted =
                pages == 0 ? Result.done() : process.lock(accounting, pages << pageShift);
        if (!counted.isOk()) {
            change(first, last, -1);
        }
        return counted;
    }

    /// An area lets go of them.
    void unpin(long first, long last) {
        process.unlock(accounting, change(first, last, -1) << pageShift);
    }

    /// @return how many pages have a first user now, or have lost their last
    private long change(long first, long last, int by) {
        long from = first >>> pageShift;
        long to = (last >>> pageShift) + 1;
        split(from);
        split(to);
        long changed = 0;
        for (Map.Entry<Long, Integer> piece : users.subMap(from, to).entrySet()) {
            int before = piece.getValue();
            piece.setValue(before + by);
            Long next = users.higherKey(piece.getKey());
            long end = next == null ? to : next;
            changed += before == 0 || before + by == 0 ? end - piece.getKey() : 0;
        }
        return changed;
    }

    private void split(long page) {
        Map.Entry<Long, Integer> before = users.floorEntry(page);
        users.putIfAbsent(page, before == null ? 0 : before.getValue());
    }
}
