package dev.belfry.model.gic;

import static dev.belfry.model.gic.ItsCommands.event;
import static dev.belfry.model.gic.ItsCommands.memoryOr;

import dev.belfry.model.gic.ItsLookup.Step;
import dev.belfry.model.gic.spec.Ite;
import dev.belfry.model.gic.spec.ItsCommand;
import dev.belfry.model.gic.spec.ItsCommandError;
import dev.belfry.model.gic.spec.LpiConfig;
import dev.belfry.model.gic.spec.Vte;

/// What GICv4's commands do (IHI 0069 5.3, those that begin with V), and what INT, CLEAR and INV do
/// to an event that is a virtual LPI.
final class ItsVirtualCommands {

    private final ItsIdentity identity;
    private final GicV3 gic;
    private final RdBase rdBase;

    ItsVirtualCommands(ItsIdentity identity, GicV3 gic, RdBase rdBase) {
        this.identity = identity;
        this.gic = gic;
        this.rdBase = rdBase;
    }

    /// Executes one of the virtual commands; others are unknown here.
    ItsCommandError execute(ItsCommand command, ItsLookup look) {
        if (!identity.typer().virtual()) {
            return ItsCommandError.UNKNOWN_COMMAND;
        }
        return switch (command) {
            case ItsCommand.Vmapp c -> vmapp(c, look);
            case ItsCommand.Vmapti c ->
                    vmapti(
                            c.deviceId(),
                            c.eventId(),
                            Ite.virtual(c.vIntid(), c.vpeid(), c.doorbell()),
                            look);
            case ItsCommand.Vmapi c ->
                    vmapti(
                            c.deviceId(),
                            c.eventId(),
                            Ite.virtual(c.eventId(), c.vpeid(), c.doorbell()),
                            look);
            case ItsCommand.Vmovi c -> vmovi(c, look);
            case ItsCommand.Vmovp c -> vmovp(c, look);
            case ItsCommand.Vinvall c -> vinvall(c, look);
            // Everything before it is done already.
            case ItsCommand.Vsync _ -> ItsCommandError.NONE;
            default -> ItsCommandError.UNKNOWN_COMMAND;
        };
    }

    private ItsCommandError vmapp(ItsCommand.Vmapp c, ItsLookup look) {
        int cpu = c.valid() ? rdBase.cpu(c.rdbase()) : 0;
        boolean tooLarge = c.vptSize() >= identity.typer().eventIdBits();
        if (cpu < 0 || tooLarge || c.vpeid() >= look.tables().vpeCount()) {
            return ItsCommandError.VMAPP_OOR;
        }
        Vte vte = c.valid() ? new Vte(true, c.vptSize(), c.vptAddr(), cpu) : Vte.INVALID;
        return look.mapVpe(c.vpeid(), vte) ? ItsCommandError.NONE : ItsCommandError.MEMORY;
    }

    private ItsCommandError vmapti(int device, int event, Ite ite, ItsLookup look) {
        Step d = look.device(device);
        if (d != Step.FOUND) {
            return memoryOr(d, ItsCommandError.VMAPTI_UNMAPPED_DEVICE);
        }
        boolean fits =
                (event & 0xffff_ffffL) < look.dte.events()
                        && isLpi(ite.intid())
                        && isDoorbell(ite.doorbell())
                        && ite.vpeid() < look.tables().vpeCount();
        if (!fits) {
            return ItsCommandError.VMAPTI_OOR;
        }
        return look.event(event) != Step.UNREADABLE && look.mapEvent(ite)
                ? ItsCommandError.NONE
                : ItsCommandError.MEMORY;
    }

    private ItsCommandError vmovi(ItsCommand.Vmovi c, ItsLookup look) {
        if (c.movesDoorbell() && !isDoorbell(c.doorbell())) {
            return ItsCommandError.VMAPTI_OOR;
        }
        Step e = event(c.deviceId(), c.eventId(), look);
        if (e != Step.FOUND || look.ite.physical()) {
            return memoryOr(
                    e == Step.FOUND ? Step.BAD_TARGET : e,
                    ItsCommandError.VMOVI_UNMAPPED_INTERRUPT);
        }
        Ite ite = look.ite;
        Step old = look.vpe(ite.vpeid());
        Vte from = look.vte;
        Step now = old == Step.FOUND ? look.vpe(c.vpeid()) : old;
        Vte to = look.vte;
        boolean room = from.hasRoomFor(ite.intid()) && to.hasRoomFor(ite.intid());
        if (now != Step.FOUND || !room) {
            return memoryOr(
                    now == Step.FOUND ? Step.BEYOND : now, ItsCommandError.VMOVI_UNMAPPED_VPE);
        }
        int doorbell = c.movesDoorbell() ? c.doorbell() : ite.doorbell();
        Ite moved = Ite.virtual(ite.intid(), c.vpeid(), doorbell);
        if (from.vptAddr() != to.vptAddr() && lpis(from).clear(ite.intid(), from.vptAddr())) {
            gic.redistributor(to.rdbase()).pendVirtual(moved, to);
        }
        return look.mapEvent(moved) ? ItsCommandError.NONE : ItsCommandError.MEMORY;
    }

    /// With GITS_TYPER.VMOVP the other ITSs of the GIC move the vPE too.
    private ItsCommandError vmovp(ItsCommand.Vmovp c, ItsLookup look) {
        int cpu = rdBase.cpu(c.rdbase());
        if (cpu < 0) {
            return ItsCommandError.VPE_UNMAPPED;
        }
        if (!identity.typer().vmovp()) {
            return move(c.vpeid(), cpu, look);
        }
        ItsCommandError worst = ItsCommandError.NONE;
        for (Its its : gic.itss()) {
            ItsCommandError one = move(c.vpeid(), cpu, its.lookup());
            worst = worst == ItsCommandError.MEMORY || one == ItsCommandError.NONE ? worst : one;
        }
        return worst;
    }

    private static ItsCommandError move(int vpeid, int cpu, ItsLookup look) {
        Step s = look.vpe(vpeid);
        if (s != Step.FOUND) {
            return memoryOr(s, ItsCommandError.VPE_UNMAPPED);
        }
        return look.mapVpe(vpeid, look.vte.withRdbase(cpu))
                ? ItsCommandError.NONE
                : ItsCommandError.MEMORY;
    }

    private ItsCommandError vinvall(ItsCommand.Vinvall c, ItsLookup look) {
        Step s = look.vpe(c.vpeid());
        if (s == Step.FOUND) {
            lpis(look.vte).invalidateAll(look.vte.vptAddr());
        }
        return memoryOr(s, ItsCommandError.VPE_UNMAPPED);
    }

    /// INT of the virtual LPI that `look` found.
    ItsCommandError raise(ItsLookup look) {
        ItsCommandError failed = vpe(look);
        if (failed == ItsCommandError.NONE) {
            gic.redistributor(look.vte.rdbase()).pendVirtual(look.ite, look.vte);
        }
        return failed;
    }

    /// CLEAR of the virtual LPI that `look` found.
    ItsCommandError clear(ItsLookup look) {
        ItsCommandError failed = vpe(look);
        if (failed == ItsCommandError.NONE) {
            lpis(look.vte).clear(look.ite.intid(), look.vte.vptAddr());
        }
        return failed;
    }

    /// INV of the virtual LPI that `look` found.
    ItsCommandError invalidate(ItsLookup look) {
        ItsCommandError failed = vpe(look);
        if (failed == ItsCommandError.NONE) {
            lpis(look.vte).invalidate(look.ite.intid(), look.vte.vptAddr());
        }
        return failed;
    }

    private static ItsCommandError vpe(ItsLookup look) {
        Step s = look.vpe(look.ite.vpeid());
        boolean room = look.vte.hasRoomFor(look.ite.intid());
        return memoryOr(s == Step.FOUND && !room ? Step.BEYOND : s, ItsCommandError.VPE_UNMAPPED);
    }

    private VirtualLpis lpis(Vte vte) {
        return gic.redistributor(vte.rdbase()).virtualLpis();
    }

    private boolean isLpi(int intid) {
        return intid >= LpiConfig.FIRST_LPI && intid < 1 << gic.idBits();
    }

    private boolean isDoorbell(int intid) {
        return intid == Ite.NO_DOORBELL || isLpi(intid);
    }
}
