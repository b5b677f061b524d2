package dev.belfry.model.gic;

import dev.belfry.model.gic.ItsLookup.Step;
import dev.belfry.model.gic.spec.Cte;
import dev.belfry.model.gic.spec.Dte;
import dev.belfry.model.gic.spec.Ite;
import dev.belfry.model.gic.spec.ItsCommand;
import dev.belfry.model.gic.spec.ItsCommandError;
import dev.belfry.model.gic.spec.LpiConfig;

/// What the ITS commands do (IHI 0069 5.3), one method each. All work on the mappings and on the
/// Redistributors; a command that fails changes nothing. [ItsVirtualCommands] does those of GICv4.
final class ItsCommands {

    private final ItsIdentity identity;
    private final GicV3 gic;
    private final RdBase rdBase;
    private final ItsVirtualCommands virtual;
    private final boolean holds;

    ItsCommands(ItsIdentity identity, GicV3 gic, long redistributorBase) {
        this.identity = identity;
        this.gic = gic;
        this.rdBase = new RdBase(identity.typer().pta(), gic, redistributorBase);
        this.virtual = new ItsVirtualCommands(identity, gic, rdBase);
        this.holds = identity.has(ItsChoice.HOLDS_MAPPINGS);
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
            case ItsCommand.Vmapp _,
                    ItsCommand.Vmapti _,
                    ItsCommand.Vmapi _,
                    ItsCommand.Vmovi _,
                    ItsCommand.Vmovp _,
                    ItsCommand.Vsync _,
                    ItsCommand.Vinvall _ ->
                    virtual.execute(command, look);
            case ItsCommand.Unknown _ -> ItsCommandError.UNKNOWN_COMMAND;
        };
    }

    private ItsCommandError mapd(ItsCommand.Mapd c, ItsLookup look) {
        Step room = look.deviceRoom(c.deviceId());
        if (room != Step.FOUND) {
            boolean outOfRange = holds || room != Step.UNREADABLE;
            return outOfRange ? ItsCommandError.MAPD_DEVICE_OOR : ItsCommandError.MEMORY;
        }
        if (c.valid() && c.size() >= identity.typer().eventIdBits()) {
            return ItsCommandError.MAPD_ITTSIZE_OOR;
        }
        look.mapDevice(c.deviceId(), c.valid() ? Dte.of(c.size(), c.ittAddr()) : Dte.INVALID);
        return ItsCommandError.NONE;
    }

    private ItsCommandError mapc(ItsCommand.Mapc c, ItsLookup look) {
        int cpu = c.valid() || holds ? rdBase.cpu(c.rdbase()) : 0;
        if (cpu < 0) {
            return ItsCommandError.MAPC_PROCNUM_OOR;
        }
        if (c.icid() >= look.tables().collectionCount()) {
            return ItsCommandError.MAPC_COLLECTION_OOR;
        }
        if (c.valid() && look instanceof HeldLookup held) {
            takeAlong(held, c.icid(), cpu);
        }
        Cte cte = c.valid() ? new Cte(true, cpu, c.icid()) : Cte.INVALID;
        return look.mapCollection(c.icid(), cte) ? ItsCommandError.NONE : ItsCommandError.MEMORY;
    }

    /// What is pending where a collection was goes to where it will be.
    private void takeAlong(HeldLookup look, int icid, int to) {
        if (look.collection(icid) == Step.FOUND && look.cte.rdbase() != to) {
            LpiState from = gic.redistributor(look.cte.rdbase()).lpis();
            look.held()
                    .forEachIntid(
                            icid,
                            intid -> {
                                if (from.clear(intid)) {
                                    gic.redistributor(to).pend(intid);
                                }
                            });
        }
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
        Step e = look.event(event);
        if (e == Step.FOUND && identity.has(ItsChoice.KEEPS_MAPPINGS)) {
            return ItsCommandError.NONE;
        }
        if (icid >= look.tables().collectionCount()) {
            return ItsCommandError.MAPTI_COLLECTION_OOR;
        }
        if (e == Step.UNREADABLE || !look.mapEvent(Ite.of(intid, icid))) {
            return ItsCommandError.MEMORY;
        }
        if (holds) {
            readConfiguration(look.collection(icid), intid, look);
        }
        return ItsCommandError.NONE;
    }

    /// Reads an LPI's configuration again at its CPU, or at all where its collection has none.
    private void readConfiguration(Step collection, int intid, ItsLookup look) {
        boolean one = collection == Step.FOUND;
        for (int cpu = one ? look.cte.rdbase() : 0; cpu < gic.cpus(); cpu++) {
            gic.redistributor(cpu).lpis().invalidate(intid);
            if (one) {
                return;
            }
        }
    }

    private ItsCommandError movi(ItsCommand.Movi c, ItsLookup look) {
        Step e = physical(event(c.deviceId(), c.eventId(), look), look);
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
        return look.mapEvent(look.ite.withIcid(c.icid()))
                ? ItsCommandError.NONE
                : ItsCommandError.MEMORY;
    }

    private ItsCommandError movall(ItsCommand.Movall c) {
        int from = rdBase.cpu(c.rdbase1());
        int to = rdBase.cpu(c.rdbase2());
        if (from < 0 || to < 0) {
            return ItsCommandError.MOVALL_PROCNUM_OOR;
        }
        if (from != to) {
            gic.redistributor(from).lpis().moveAllTo(gic.redistributor(to).lpis());
        }
        return ItsCommandError.NONE;
    }

    private ItsCommandError inv(ItsCommand.Inv c, ItsLookup look) {
        Step e = event(c.deviceId(), c.eventId(), look);
        if (e == Step.FOUND && !look.ite.physical()) {
            return virtual.invalidate(look);
        }
        Step s = e == Step.FOUND ? look.collection(look.ite.icid()) : e;
        if (s == Step.FOUND || (holds && e == Step.FOUND)) {
            readConfiguration(s, look.ite.intid(), look);
            return ItsCommandError.NONE;
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
        Step e = event(c.deviceId(), c.eventId(), look);
        if (e == Step.FOUND && !look.ite.physical()) {
            return virtual.raise(look);
        }
        Step s = e == Step.FOUND ? look.collection(look.ite.icid()) : e;
        if (s == Step.FOUND) {
            gic.redistributor(look.cte.rdbase()).pend(look.ite.intid());
        }
        return memoryOr(s, ItsCommandError.INT_UNMAPPED_INTERRUPT);
    }

    private ItsCommandError clear(ItsCommand.Clear c, ItsLookup look) {
        Step e = event(c.deviceId(), c.eventId(), look);
        if (e == Step.FOUND && !look.ite.physical()) {
            return virtual.clear(look);
        }
        Step s = e == Step.FOUND ? look.collection(look.ite.icid()) : e;
        if (s == Step.FOUND) {
            gic.redistributor(look.cte.rdbase()).lpis().clear(look.ite.intid());
        } else if (holds && e == Step.FOUND) {
            for (int cpu = 0; cpu < gic.cpus(); cpu++) {
                gic.redistributor(cpu).lpis().clear(look.ite.intid());
            }
            return ItsCommandError.NONE;
        }
        return memoryOr(s, ItsCommandError.CLEAR_UNMAPPED_INTERRUPT);
    }

    private ItsCommandError discard(ItsCommand.Discard c, ItsLookup look) {
        Step e = event(c.deviceId(), c.eventId(), look);
        if (e == Step.FOUND && !look.ite.physical()) {
            ItsCommandError failed = virtual.clear(look);
            return failed == ItsCommandError.NONE ? unmap(look) : failed;
        }
        Step s = e == Step.FOUND ? look.collection(look.ite.icid()) : e;
        if (s == Step.FOUND) {
            gic.redistributor(look.cte.rdbase()).lpis().clear(look.ite.intid());
            return unmap(look);
        }
        return memoryOr(s, ItsCommandError.DISCARD_UNMAPPED_INTERRUPT);
    }

    private static ItsCommandError unmap(ItsLookup look) {
        return look.mapEvent(Ite.INVALID) ? ItsCommandError.NONE : ItsCommandError.MEMORY;
    }

    static Step event(int device, int event, ItsLookup look) {
        Step d = look.device(device);
        return d == Step.FOUND ? look.event(event) : d;
    }

    private static Step physical(Step step, ItsLookup look) {
        return step == Step.FOUND && !look.ite.physical() ? Step.BAD_TARGET : step;
    }

    static ItsCommandError memoryOr(Step step, ItsCommandError otherwise) {
        return switch (step) {
            case FOUND -> ItsCommandError.NONE;
            case UNREADABLE -> ItsCommandError.MEMORY;
            case BEYOND, NO_PAGE, INVALID, BAD_TARGET -> otherwise;
        };
    }

    private int intidLimit() {
        int bits = gic.idBits();
        return identity.has(ItsChoice.LIMITS_TO_PROPBASER)
                ? 1 << Math.min(bits, gic.redistributor(0).propbaser().idBits())
                : 1 << bits;
    }
}
