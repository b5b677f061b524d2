package dev.belfry.model.gic;

import dev.belfry.model.gic.spec.Cte;
import dev.belfry.model.gic.spec.ItsTableFormat;
import java.util.Arrays;

/// Which entry of the collection table a collection has. Where the format says that the ICID is the
/// index there is nothing to know; where entries lie in the order in which they were mapped, the
/// ITS has to remember, as going through the table for each message would take too long.
final class CollectionIndex {

    private static final int ICIDS = 1 << 16;
    private static final int NONE = -1;

    private final boolean indexed;
    private final boolean scans;
    private final int[] slotOf;
    private final int[] icidAt;
    private int used;

    private CollectionIndex(boolean indexed, boolean scans) {
        this.indexed = indexed;
        this.scans = scans;
        this.slotOf = new int[indexed || scans ? 0 : ICIDS];
        this.icidAt = new int[indexed || scans ? 0 : ICIDS];
        reset();
    }

    /// For the ITS whose commands map the collections.
    static CollectionIndex owning(ItsTableFormat format) {
        return new CollectionIndex(format.ctesAreIndexed(), false);
    }

    /// For who only looks at tables that another ITS wrote.
    static CollectionIndex reading(ItsTableFormat format) {
        return new CollectionIndex(format.ctesAreIndexed(), true);
    }

    /// No collection is mapped.
    void reset() {
        Arrays.fill(slotOf, NONE);
        used = 0;
    }

    /// Address of a collection's entry, or [ItsTables#BEYOND] and so on; [ItsTables#NO_PAGE] when
    /// it is not mapped.
    long slot(ItsTables tables, int icid) {
        if (indexed) {
            return tables.collectionSlot(icid);
        }
        if (scans) {
            return tables.findCollection(icid);
        }
        int at = slotOf[icid];
        return at == NONE ? ItsTables.NO_PAGE : tables.collectionSlot(at);
    }

    /// Writes a collection's entry, valid or not.
    ///
    /// @return false when memory does not answer or the table is full
    boolean write(ItsTables tables, int icid, Cte cte) {
        if (indexed) {
            return put(tables, tables.collectionSlot(icid), tables.format().encode(cte, icid));
        }
        return cte.valid() ? append(tables, icid, cte) : remove(tables, icid);
    }

    private boolean append(ItsTables tables, int icid, Cte cte) {
        int at = slotOf[icid] == NONE ? used : slotOf[icid];
        long slot = tables.collectionSlot(at);
        if (!tables.answers(slot)) {
            return false;
        }
        tables.write(slot, tables.format().encode(cte, icid));
        if (at == used) {
            slotOf[icid] = at;
            icidAt[at] = icid;
            used++;
            endMark(tables);
        }
        return true;
    }

    /// The last entry takes the place of the one that goes: there must be no hole.
    private boolean remove(ItsTables tables, int icid) {
        int at = slotOf[icid];
        if (at == NONE) {
            return true;
        }
        slotOf[icid] = NONE;
        used--;
        if (at != used) {
            int moved = icidAt[used];
            put(tables, tables.collectionSlot(at), tables.word(tables.collectionSlot(used)));
            slotOf[moved] = at;
            icidAt[at] = moved;
        }
        endMark(tables);
        return true;
    }

    private void endMark(ItsTables tables) {
        put(tables, tables.collectionSlot(used), 0);
    }

    private static boolean put(ItsTables tables, long slot, long word) {
        if (slot == ItsTables.NO_PAGE) {
            return true;
        }
        if (!tables.answers(slot)) {
            return false;
        }
        tables.write(slot, word);
        return true;
    }
}
