package dev.belfry.model.gic;

import dev.belfry.model.gic.spec.Cte;
import dev.belfry.model.gic.spec.Dte;
import dev.belfry.model.gic.spec.Ite;
import dev.belfry.model.gic.spec.Vte;

/// Mappings in the tables in memory, as hardware and QEMU keep them; captured tables of others too.
final class MemoryLookup extends ItsLookup {

    long dteSlot;
    long iteAddress;
    long cteSlot;
    long vteSlot;

    MemoryLookup(ItsTables tables, int cpus, boolean virtual) {
        super(tables, cpus, virtual);
    }

    @Override
    Step device(int deviceId) {
        dteSlot = tables().deviceSlot(deviceId);
        Step bad = slotStep(dteSlot);
        if (bad != Step.FOUND) {
            return bad;
        }
        dte = tables().dte(dteSlot);
        return dte.valid() ? Step.FOUND : Step.INVALID;
    }

    @Override
    Step event(int eventId) {
        iteAddress = tables().iteAddress(dte, eventId);
        if ((eventId & 0xffff_ffffL) >= dte.events()) {
            return Step.BEYOND;
        }
        return tables().iteAnswers(iteAddress) ? check(tables().ite(iteAddress)) : Step.UNREADABLE;
    }

    @Override
    Step collection(int icid) {
        cteSlot =
                tables().format().ctesAreIndexed()
                        ? tables().collectionSlot(icid)
                        : tables().findCollection(icid);
        Step bad = slotStep(cteSlot);
        return bad == Step.FOUND ? check(tables().cte(cteSlot), icid) : bad;
    }

    @Override
    Step vpe(int vpeid) {
        vteSlot = tables().vpeSlot(vpeid);
        Step bad = slotStep(vteSlot);
        return bad == Step.FOUND ? check(tables().vte(vteSlot)) : bad;
    }

    @Override
    void mapDevice(int deviceId, Dte now) {
        tables().write(tables().deviceSlot(deviceId), tables().format().encode(now));
    }

    @Override
    boolean mapEvent(Ite now) {
        tables().write(iteAddress, now);
        return true;
    }

    @Override
    boolean mapCollection(int icid, Cte now) {
        return put(tables().collectionSlot(icid), tables().format().encode(now, icid));
    }

    @Override
    boolean mapVpe(int vpeid, Vte now) {
        return put(tables().vpeSlot(vpeid), tables().format().encode(now));
    }

    /// Where the level-1 entry is not valid there is nothing to write.
    private boolean put(long slot, long word) {
        if (slot == ItsTables.NO_PAGE) {
            return true;
        }
        if (!tables().answers(slot)) {
            return false;
        }
        tables().write(slot, word);
        return true;
    }

    @Override
    long[] evidence(int deviceId) {
        return tables().devices().indirect()
                ? new long[] {dteSlot, iteAddress, cteSlot, tables().deviceL1(deviceId)}
                : new long[] {dteSlot, iteAddress, cteSlot};
    }
}
