package dev.belfry.host.msi;

import java.util.BitSet;
import java.util.OptionalInt;

/// Which EventIDs of a device are taken (`event_map.lpi_map`): a power of two of them, enough for
/// all vectors that the device can have.
///
/// An EventID that was taken for a vector whose doorbell could not be mapped is never given back:
/// `its_irq_domain_alloc` forgets it. A device loses one with each such failure, until it has too
/// few for its vectors and enabling them fails with `ENOSPC` whatever it is attached to.
public final class EventIds {

    private final BitSet taken = new BitSet();
    private final int count;
    private int inUse;

    /// @param most how many vectors the device can have
    public EventIds(int most) {
        count = Integer.highestOneBit(Math.max(1, 2 * most - 1));
    }

    int count() {
        return count;
    }

    /// The lowest that is free.
    OptionalInt take() {
        int event = taken.nextClearBit(0);
        if (event >= count) {
            return OptionalInt.empty();
        }
        taken.set(event);
        inUse++;
        return OptionalInt.of(event);
    }

    void give(int event) {
        taken.clear(event);
        inUse--;
    }

    /// One that was taken is in use no more, but not free either.
    void lose() {
        inUse--;
    }

    /// How many are lost.
    public int lost() {
        return taken.cardinality() - inUse;
    }
}
