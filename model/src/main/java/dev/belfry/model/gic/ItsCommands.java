package dev.belfry.model.gic;

import dev.belfry.model.gic.ItsLookup.Step;
import dev.belfry.model.gic.spec.Cte;
import dev.belfry.model.gic.spec.Dte;
import dev.belfry.model.gic.spec.Ite;
import dev.belfry.model.gic.spec.ItsCommand;
import dev.belfry.model.gic.spec.ItsCommandError;
import dev.belfry.model.gic.spec.LpiConfig;

/// What the ITS commands do (IHI 0069 5.3), one method each. All work on the tables in memory and
/// on the Redistributors; a command that fails changes nothing.
final class ItsCommands {

    private final ItsIdentity identity;
    private final GicV3 gic;
    private final CollectionIndex index;
    private final long redistributorBase;

    ItsCommands(ItsIdentity identity, GicV3 gic, CollectionIndex index, long redistributorBase) {
        this.identity = identity;
        this.gic = gic;
        this.index = index;
        this.redistributorBase = redistributorBase;
    }

    /// Executes one command.
    ///
    /// @return why it failed, [ItsCommandError#NONE] when it did not
    ItsCommandError execute(ItsCommand command, ItsLookup look) {
        return switch (command) {
            case ItsCommand.Mapd c -> mapd(c, look);
            case ItsCommand.Mapc c -> mapc(c, look);
            case ItsCommand.Mapti c -> mapti(c.deviceId(), c.eventId(), c.pIntid(), c.icid(), look);
            case ItsCommand.Mapi c -> mapti(c.deviceId(), c.eventId(), c.eventId(), c.icid(), look);
            case ItsCommand.Movi c -> movi(c, look);
            case ItsCommand.Movall c -> movall(c);
            case ItsCommand.Inv c -> inv(c, look);
            case ItsCommand.Invall c -> invall(c, look);
            case ItsCommand.Int c -> raise(c, look);
            case ItsCommand.Clear c -> clear(c, look);
            case ItsCommand.Discard c -> discard(c, look);
            // Everything before it is done already.
            case ItsCommand.Sync _ -> ItsCommandError.NONE;
            case ItsCommand.Unknown _ -> ItsCommandError.UNKNOWN_COMMAND;
        };
    }

    private ItsCommandError mapd(ItsCommand.Mapd c, ItsLookup look) {
        ItsTables tables = look.tables();
        long slot = tables.deviceSlot(c.deviceId());
        if (slot == ItsTables.BEYOND || slot == ItsTables.NO_PAGE) {
            return ItsCommandError.MAPD_DEVICE_OOR;
        }
        if (!tables.answers(slot)) {
            return ItsCommandError.MEMORY;
        }
        if (c.valid() && c.size() >= identity.typer().eventIdBits()) {
            return ItsCommandError.MAPD_ITTSIZE_OOR;
        }
        Dte dte = c.valid() ? Dte.of(c.size(), c.ittAddr()) : Dte.INVALID;
        if (c.valid() && identity.has(ItsChoice.CLEARS_ITT)) {
            tables.clearItt(dte);
        }
        tables.write(slot, tables.format().encode(dte));
        return ItsCommandError.NONE;
    }

    private ItsCommandError mapc(ItsCommand.Mapc c, ItsLookup look) {
        int cpu = c.valid() ? cpu(c.rdbase()) : 0;
        if (cpu < 0) {
            return ItsCommandError.MAPC_PROCNUM_OOR;
        }
        if (c.icid() >= look.tables().collectionCount()) {
            return ItsCommandError.MAPC_COLLECTION_OOR;
        }
        Cte cte = c.valid() ? new Cte(true, cpu, c.icid()) : Cte.INVALID;
        return index.write(look.tables(), c.icid(), cte)
                ? ItsCommandError.NONE
                : ItsCommandError.MEMORY;
    }

    private ItsCommandError mapti(int device, int event, int intid, int icid, ItsLookup look) {
        Step d = look.device(device);
        if (d != Step.FOUND) {
            return memoryOr(d, ItsCommandError.MAPTI_UNMAPPED_DEVICE);
        }
        if ((event & 0xffff_ffffL) >= look.dte.events()) {
            return ItsCommandError.MAPTI_ID_OOR;
        }
        if (intid < LpiConfig.FIRST_LPI || intid >= intidLimit()) {
            return ItsCommandError.MAPTI_PHYSICALID_OOR;
        }
        if (icid >= look.tables().collectionCount()) {
            return ItsCommandError.MAPTI_COLLECTION_OOR;
        }
        Step e = look.event(event);
        if (e == Step.UNREADABLE) {
            return ItsCommandError.MEMORY;
        }
        if (e != Step.FOUND || !identity.has(ItsChoice.KEEPS_MAPPINGS)) {
            look.tables().write(look.iteAddress, Ite.of(intid, icid));
        }
        return ItsCommandError.NONE;
    }

    private ItsCommandError movi(ItsCommand.Movi c, ItsLookup look) {
        Step e = event(c.deviceId(), c.eventId(), look);
        if (e != Step.FOUND) {
            return memoryOr(e, ItsCommandError.MOVI_UNMAPPED_INTERRUPT);
        }
        Step old = look.collection(look.ite.icid());
        int from = look.cte.rdbase();
        Step now = old == Step.FOUND ? look.collection(c.icid()) : old;
        if (now != Step.FOUND) {
            return memoryOr(now, ItsCommandError.MOVI_UNMAPPED_COLLECTION);
        }
        int to = look.cte.rdbase();
        if (from != to && gic.redistributor(from).lpis().clear(look.ite.intid())) {
            gic.redistributor(to).pend(look.ite.intid());
        }
        look.tables().write(look.iteAddress, look.ite.withIcid(c.icid()));
        return ItsCommandError.NONE;
    }

    private ItsCommandError movall(ItsCommand.Movall c) {
        int from = cpu(c.rdbase1());
        int to = cpu(c.rdbase2());
        if (from < 0 || to < 0) {
            return ItsCommandError.MOVALL_PROCNUM_OOR;
        }
        if (from != to) {
            gic.redistributor(from).lpis().moveAllTo(gic.redistributor(to).lpis());
        }
        return ItsCommandError.NONE;
    }

    private ItsCommandError inv(ItsCommand.Inv c, ItsLookup look) {
        Step s = target(c.deviceId(), c.eventId(), look);
        if (s == Step.FOUND) {
            gic.redistributor(look.cte.rdbase()).lpis().invalidate(look.ite.intid());
        }
        return memoryOr(s, ItsCommandError.INV_UNMAPPED_INTERRUPT);
    }

    private ItsCommandError invall(ItsCommand.Invall c, ItsLookup look) {
        if (identity.has(ItsChoice.INVALL_REACHES_ALL)) {
            for (int cpu = 0; cpu < gic.cpus(); cpu++) {
                gic.redistributor(cpu).lpis().invalidateAll();
            }
            return ItsCommandError.NONE;
        }
        Step s = look.collection(c.icid());
        if (s == Step.FOUND) {
            gic.redistributor(look.cte.rdbase()).lpis().invalidateAll();
        }
        return memoryOr(s, ItsCommandError.INVALL_UNMAPPED_COLLECTION);
    }

    private ItsCommandError raise(ItsCommand.Int c, ItsLookup look) {
        Step s = target(c.deviceId(), c.eventId(), look);
        if (s == Step.FOUND) {
            gic.redistributor(look.cte.rdbase()).pend(look.ite.intid());
        }
        return memoryOr(s, ItsCommandError.INT_UNMAPPED_INTERRUPT);
    }

    private ItsCommandError clear(ItsCommand.Clear c, ItsLookup look) {
        Step s = target(c.deviceId(), c.eventId(), look);
        if (s == Step.FOUND) {
            gic.redistributor(look.cte.rdbase()).lpis().clear(look.ite.intid());
        }
        return memoryOr(s, ItsCommandError.CLEAR_UNMAPPED_INTERRUPT);
    }

    private ItsCommandError discard(ItsCommand.Discard c, ItsLookup look) {
        Step s = target(c.deviceId(), c.eventId(), look);
        if (s == Step.FOUND) {
            gic.redistributor(look.cte.rdbase()).lpis().clear(look.ite.intid());
            look.tables().write(look.iteAddress, Ite.INVALID);
        }
        return memoryOr(s, ItsCommandError.DISCARD_UNMAPPED_INTERRUPT);
    }

    private static Step event(int device, int event, ItsLookup look) {
        Step d = look.device(device);
        return d == Step.FOUND ? look.event(event) : d;
    }

    private static Step target(int device, int event, ItsLookup look) {
        Step e = event(device, event, look);
        return e == Step.FOUND ? look.collection(look.ite.icid()) : e;
    }

    private static ItsCommandError memoryOr(Step step, ItsCommandError otherwise) {
        return switch (step) {
            case FOUND -> ItsCommandError.NONE;
            case UNREADABLE -> ItsCommandError.MEMORY;
            case BEYOND, NO_PAGE, INVALID, BAD_TARGET -> otherwise;
        };
    }

    /// The CPU that RDbase names, -1 for none.
    private int cpu(long rdbase) {
        long n =
                identity.typer().pta()
                        ? ((rdbase << 16) - redistributorBase) / gic.identity().redistributorBytes()
                        : rdbase;
        return n >= 0 && n < gic.cpus() ? (int) n : -1;
    }

    private int intidLimit() {
        int bits = gic.idBits();
        return identity.has(ItsChoice.LIMITS_TO_PROPBASER)
                ? 1 << Math.min(bits, gic.redistributor(0).propbaser().idBits())
                : 1 << bits;
    }
}
