package dev.belfry.model.gic;

import dev.belfry.model.gic.spec.Cte;
import dev.belfry.model.gic.spec.Dte;
import dev.belfry.model.gic.spec.Ite;
import dev.belfry.model.gic.spec.Vte;

/// One walk from an event to a CPU through an ITS's mappings, step by step; each step is a question
/// that answers with what stands in the way. Commands and messages both ask it, so they cannot
/// disagree. Commands change mappings through it too.
abstract sealed class ItsLookup permits MemoryLookup, HeldLookup {

    /// What a step found.
    enum Step {
        FOUND,
        /// The id is beyond the table.
        BEYOND,
        /// The level-1 entry is not valid.
        NO_PAGE,
        /// The entry is not valid.
        INVALID,
        /// The entry names a CPU or kind of interrupt that does not exist.
        BAD_TARGET,
        /// Memory does not answer.
        UNREADABLE
    }

    private final ItsTables tables;
    private final int cpus;
    private final boolean virtual;

    Dte dte = Dte.INVALID;
    Ite ite = Ite.INVALID;
    Cte cte = Cte.INVALID;
    Vte vte = Vte.INVALID;

    /// @param virtual whether events may be virtual LPIs
    ItsLookup(ItsTables tables, int cpus, boolean virtual) {
        this.tables = tables;
        this.cpus = cpus;
        this.virtual = virtual;
    }

    final ItsTables tables() {
        return tables;
    }

    /// The device's entry.
    abstract Step device(int deviceId);

    /// The event's entry, after [#device].
    abstract Step event(int eventId);

    /// A collection's entry.
    abstract Step collection(int icid);

    /// A vPE's entry.
    abstract Step vpe(int vpeid);

    /// Maps a device for which there [is room][#deviceRoom], or unmaps it.
    abstract void mapDevice(int deviceId, Dte now);

    /// Maps the event that [#event] looked for, or unmaps it.
    ///
    /// @return false when it cannot be stored
    abstract boolean mapEvent(Ite now);

    /// Maps a collection within the table, or unmaps it.
    ///
    /// @return false when it cannot be stored
    abstract boolean mapCollection(int icid, Cte now);

    /// Maps a vPE within the table, or unmaps it.
    ///
    /// @return false when it cannot be stored
    abstract boolean mapVpe(int vpeid, Vte now);

    /// Where the last walk's entries lie in memory; empty where mappings are not in memory.
    abstract long[] evidence(int deviceId);

    /// Whether the device table has room for a device.
    final Step deviceRoom(int deviceId) {
        return slotStep(tables.deviceSlot(deviceId));
    }

    final Step slotStep(long slot) {
        if (slot == ItsTables.BEYOND) {
            return Step.BEYOND;
        }
        if (slot == ItsTables.NO_PAGE) {
            return Step.NO_PAGE;
        }
        return tables.answers(slot) ? Step.FOUND : Step.UNREADABLE;
    }

    final Step check(Ite found) {
        ite = found;
        if (!ite.valid()) {
            return Step.INVALID;
        }
        return ite.physical() || virtual ? Step.FOUND : Step.BAD_TARGET;
    }

    final Step check(Cte found, int icid) {
        cte = found;
        boolean other = cte.icid() >= 0 && cte.icid() != icid;
        if (!cte.valid() || other || cte.rdbase() == Cte.NOWHERE) {
            return Step.INVALID;
        }
        return cte.rdbase() >= 0 && cte.rdbase() < cpus ? Step.FOUND : Step.BAD_TARGET;
    }

    final Step check(Vte found) {
        vte = found;
        if (!vte.valid()) {
            return Step.INVALID;
        }
        return vte.rdbase() < cpus ? Step.FOUND : Step.BAD_TARGET;
    }
}
