package dev.belfry.model.smmu;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The contexts of a TLB by their tags, and which of them hold entries.
///
/// A guest may go through all its ASIDs and VMIDs, 2^32 of them: contexts that hold nothing are
/// given up from time to time, and commands for a whole VMID look at those only that hold
/// something.
final class TlbTags {

    /// So many contexts are kept without asking whether they are in use.
    private static final int FEW = 1 << 14;

    private final Map<Long, Tlb.Context> byTag = new HashMap<>();
    private final Map<Integer, List<Tlb.Context>> filled = new HashMap<>();
    private int made;
    private int limit = FEW;
    private int listed;

    private static int regime(int world, int vmid) {
        return world << 16 | (vmid & 0xffff);
    }

    private static long key(int world, int vmid, int asid) {
        return (long) regime(world, vmid) << 20 | (asid & 0xfffff);
    }

    /// The context for a tag, made when it is new.
    Tlb.Context context(int world, int vmid, int asid) {
        Tlb.Context known = known(world, vmid, asid);
        if (known != null) {
            return known;
        }
        Tlb.Context fresh = new Tlb.Context(made++, world, vmid, asid);
        byTag.put(key(world, vmid, asid), fresh);
        return fresh;
    }

    /// The context for a tag; null when nothing is tagged so.
    Tlb.@Nullable Context known(int world, int vmid, int asid) {
        return byTag.get(key(world, vmid, asid));
    }

    /// How many contexts there are.
    int size() {
        return byTag.size();
    }

    /// Notes that a context has an entry.
    void fill(Tlb.Context c) {
        if (!c.listed) {
            c.listed = true;
            listed++;
            filled.computeIfAbsent(regime(c.world, c.vmid), k -> new ArrayList<>()).add(c);
        }
    }

    /// About how many contexts hold entries; never fewer than there are.
    int filled() {
        return listed;
    }

    /// The contexts of a VMID that hold entries.
    List<Tlb.Context> filled(int world, int vmid) {
        List<Tlb.Context> list = filled.get(regime(world, vmid));
        if (list == null) {
            return List.of();
        }
        list.removeIf(this::isDone);
        return list;
    }

    /// All contexts that hold entries.
    void forEachFilled(Consumer<Tlb.Context> action) {
        for (Iterator<List<Tlb.Context>> it = filled.values().iterator(); it.hasNext(); ) {
            List<Tlb.Context> list = it.next();
            list.removeIf(this::isDone);
            if (list.isEmpty()) {
                it.remove();
            } else {
                list.forEach(action);
            }
        }
    }

    private boolean isDone(Tlb.Context c) {
        if (c.isEmpty()) {
            c.listed = false;
            listed--;
            return true;
        }
        return false;
    }

    /// Whether there are so many contexts that [#retire] should be asked.
    boolean isCrowded() {
        return byTag.size() > limit;
    }

    /// Gives up the contexts that hold nothing: who still has one must ask for it again.
    void retire() {
        byTag.values().removeIf(Tlb.Context::isEmpty);
        limit = Math.max(FEW, 2 * byTag.size());
    }

    /// Gives up all.
    void clear() {
        byTag.clear();
        filled.clear();
        listed = 0;
        limit = FEW;
    }
}
