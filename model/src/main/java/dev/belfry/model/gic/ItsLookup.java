package dev.belfry.model.gic;

import dev.belfry.model.gic.spec.Cte;
import dev.belfry.model.gic.spec.Dte;
import dev.belfry.model.gic.spec.Ite;

/// One walk from an event to a CPU through an ITS's tables, step by step; each step is a question
/// that answers with what stands in the way. Commands and messages both ask it, so they cannot
/// disagree.
final class ItsLookup {

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
    private final CollectionIndex index;
    private final int cpus;

    long dteSlot;
    Dte dte = Dte.INVALID;
    long iteAddress;
    Ite ite = Ite.INVALID;
    long cteSlot;
    Cte cte = Cte.INVALID;

    ItsLookup(ItsTables tables, CollectionIndex index, int cpus) {
        this.tables = tables;
        this.index = index;
        this.cpus = cpus;
    }

    ItsTables tables() {
        return tables;
    }

    /// The device's entry.
    Step device(int deviceId) {
        dteSlot = tables.deviceSlot(deviceId);
        Step bad = slotStep(dteSlot);
        if (bad != Step.FOUND) {
            return bad;
        }
        dte = tables.dte(dteSlot);
        return dte.valid() ? Step.FOUND : Step.INVALID;
    }

    /// The event's entry, after [#device].
    Step event(int eventId) {
        iteAddress = tables.iteAddress(dte, eventId);
        if ((eventId & 0xffff_ffffL) >= dte.events()) {
            return Step.BEYOND;
        }
        if (!tables.iteAnswers(iteAddress)) {
            return Step.UNREADABLE;
        }
        ite = tables.ite(iteAddress);
        if (!ite.valid()) {
            return Step.INVALID;
        }
        return ite.physical() ? Step.FOUND : Step.BAD_TARGET;
    }

    /// A collection's entry.
    Step collection(int icid) {
        cteSlot = index.slot(tables, icid);
        Step bad = slotStep(cteSlot);
        if (bad != Step.FOUND) {
            return bad;
        }
        cte = tables.cte(cteSlot);
        if (!cte.valid() || (cte.icid() >= 0 && cte.icid() != icid)) {
            return Step.INVALID;
        }
        return cte.rdbase() < cpus ? Step.FOUND : Step.BAD_TARGET;
    }

    private Step slotStep(long slot) {
        if (slot == ItsTables.BEYOND) {
            return Step.BEYOND;
        }
        if (slot == ItsTables.NO_PAGE) {
            return Step.NO_PAGE;
        }
        return tables.answers(slot) ? Step.FOUND : Step.UNREADABLE;
    }
}
