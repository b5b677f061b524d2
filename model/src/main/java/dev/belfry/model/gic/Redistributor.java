package dev.belfry.model.gic;

import dev.belfry.model.gic.spec.Gicr;
import dev.belfry.model.gic.spec.GicrCtlr;
import dev.belfry.model.gic.spec.GicrPendbaser;
import dev.belfry.model.gic.spec.GicrPropbaser;
import dev.belfry.model.gic.spec.GicrTyper;
import dev.belfry.model.gic.spec.Ite;
import dev.belfry.model.gic.spec.Vte;
import dev.belfry.model.memory.PhysicalMemory;

/// One CPU's Redistributor (IHI 0069 chapter 12): RD_base and SGI_base.
final class Redistributor extends WordFrame {

    private static final int LOW = 0;
    private static final long PROPBASER_BITS =
            GicrPropbaser.OUTER_CACHE.mask()
                    | GicrPropbaser.PHYSICAL_ADDRESS.mask()
                    | GicrPropbaser.SHAREABILITY.mask()
                    | GicrPropbaser.INNER_CACHE.mask()
                    | GicrPropbaser.ID_BITS.mask();
    private static final long PENDBASER_BITS =
            GicrPendbaser.OUTER_CACHE.mask()
                    | GicrPendbaser.PHYSICAL_ADDRESS.mask()
                    | GicrPendbaser.SHAREABILITY.mask()
                    | GicrPendbaser.INNER_CACHE.mask()
                    | GicrPendbaser.PTZ.mask();

    /// What Redistributors may have in common.
    ///
    /// @param propbaser GICR_PROPBASER
    /// @param configuration what was read of the table that it names
    record Common(Propbaser propbaser, LpiConfigCache configuration) {
        static Common of(PhysicalMemory memory, boolean common) {
            return new Common(new Propbaser(), new LpiConfigCache(memory, common));
        }
    }

    private final GicIdentity identity;
    private final long typer;
    private final InterruptBank bank;
    private final LpiState lpis;
    private final VirtualLpis virtualLpis;
    private final Propbaser propbaser;
    private boolean enableLpis;
    private boolean asleep;
    private long pendbaser;

    Redistributor(
            GicIdentity identity, PhysicalMemory memory, Common common, int cpu, boolean last) {
        this.identity = identity;
        this.propbaser = common.propbaser;
        this.typer =
                GicrTyper.AFFINITY_VALUE.of(affinity(cpu))
                        | GicrTyper.COMMON_LPI_AFF.of(identity.commonLpiAff())
                        | GicrTyper.PROCESSOR_NUMBER.of(cpu)
                        | GicrTyper.LAST.of(last ? 1 : 0)
                        | GicrTyper.DIRECT_LPI.of(identity.has(GicChoice.DIRECT_LPI) ? 1 : 0)
                        | GicrTyper.VLPIS.of(identity.has(GicChoice.VIRTUAL_LPIS) ? 1 : 0)
                        | GicrTyper.PLPIS.mask();
        this.bank = new InterruptBank(32, identity.priorityBits());
        boolean snoops = identity.has(GicChoice.SNOOPS);
        this.lpis = new LpiState(memory, common.configuration, identity.idBits(), snoops);
        this.virtualLpis = new VirtualLpis(memory, identity.idBits(), snoops);
        reset();
    }

    /// Aff3.Aff2.Aff1.Aff0 of CPU number `cpu`: 16 CPUs a cluster, so that an SGI can name each.
    static int affinity(int cpu) {
        return (((cpu >>> 12) & 0xff) << 16) | (((cpu >>> 4) & 0xff) << 8) | (cpu & 0xf);
    }

    void reset() {
        bank.reset(identity.has(GicChoice.RESETS_TO_GROUP_1));
        bank.setConfig(0, -1);
        asleep = identity.has(GicChoice.RESETS_ASLEEP);
        enableLpis = false;
        lpis.disable();
        virtualLpis.reset();
        propbaser.set(0);
        pendbaser = 0;
    }

    InterruptBank bank() {
        return bank;
    }

    LpiState lpis() {
        return lpis;
    }

    VirtualLpis virtualLpis() {
        return virtualLpis;
    }

    boolean isAsleep() {
        return asleep;
    }

    boolean enableLpis() {
        return enableLpis;
    }

    GicrPropbaser propbaser() {
        return new GicrPropbaser(propbaser.value());
    }

    GicrPendbaser pendbaser() {
        return new GicrPendbaser(pendbaser);
    }

    /// Makes an LPI pending.
    ///
    /// @return whether it may be taken, only waits, or is not accepted
    Pended pend(int intid) {
        if (!lpis.accepts(intid)) {
            return Pended.REFUSED;
        }
        return lpis.set(intid) ? Pended.READY : Pended.HELD;
    }

    /// Makes a virtual LPI pending; where its vPE is not resident, its doorbell too.
    void pendVirtual(Ite ite, Vte vte) {
        boolean taken = virtualLpis.pend(ite.intid(), vte.vptAddr());
        if (!taken && ite.doorbell() != Ite.NO_DOORBELL) {
            pend(ite.doorbell());
        }
    }

    /// What became of an LPI that was to be pending.
    enum Pended {
        READY,
        HELD,
        REFUSED
    }

    int affinity() {
        return new GicrTyper(typer).affinity();
    }

    @Override
    public long size() {
        return identity.redistributorBytes();
    }

    @Override
    int read32(long offset) {
        int half = (int) (offset & 4) * 8;
        Gicr r = Gicr.of(offset);
        return switch (r) {
            case GICR_CTLR -> ctlr();
            case GICR_IIDR -> identity.iidr();
            case GICR_TYPER -> (int) (typer >>> half);
            case GICR_WAKER ->
                    asleep
                            ? (int)
                                    (GicrCtlr.WAKER_PROCESSOR_SLEEP.mask()
                                            | GicrCtlr.WAKER_CHILDREN_ASLEEP.mask())
                            : 0;
            case GICR_PROPBASER -> (int) (propbaser.value() >>> half);
            case GICR_PENDBASER -> (int) (GicrPendbaser.PTZ.set(pendbaser, 0) >>> half);
            case GICR_IDREGS ->
                    IdRegisters.read(r.index(offset), IdRegisters.REDISTRIBUTOR, virtual());
            case GICR_IGROUPR0 -> bank.group(LOW);
            case GICR_ISENABLER0, GICR_ICENABLER0 -> bank.enabled(LOW);
            case GICR_ISPENDR0, GICR_ICPENDR0 -> bank.pending(LOW);
            case GICR_ISACTIVER0, GICR_ICACTIVER0 -> bank.active(LOW);
            case GICR_IPRIORITYR -> IdRegisters.priorities(bank, r.index(offset));
            case GICR_ICFGR0 -> bank.config(0);
            case GICR_ICFGR1 -> bank.config(1);
            case GICR_VPROPBASER -> (int) (virtualLpis.vpropbaser() >>> half);
            case GICR_VPENDBASER -> (int) (virtualLpis.vpendbaser() >>> half);
            case GICR_STATUSR,
                    GICR_SETLPIR,
                    GICR_CLRLPIR,
                    GICR_INVLPIR,
                    GICR_INVALLR,
                    GICR_SYNCR,
                    GICR_IGRPMODR0,
                    GICR_NSACR,
                    RESERVED ->
                    0;
        };
    }

    private int ctlr() {
        boolean byRegister = identity.has(GicChoice.INVALIDATES_BY_REGISTER);
        return (int)
                (GicrCtlr.ENABLE_LPIS.of(enableLpis ? 1 : 0)
                        | GicrCtlr.CES.of(identity.has(GicChoice.DISABLES_LPIS) ? 1 : 0)
                        | GicrCtlr.IR.of(byRegister ? 1 : 0));
    }

    @Override
    boolean wideAt(long offset) {
        return Gicr.of(offset).width() == 8;
    }

    @Override
    boolean bytesAt(long offset) {
        return Gicr.GICR_IPRIORITYR.covers(offset);
    }

    @Override
    void write8(long offset, int value) {
        bank.setPriority(Gicr.GICR_IPRIORITYR.index(offset), value);
    }

    @Override
    void write32(long offset, int value, int requester) {
        switch (Gicr.of(offset)) {
            case GICR_CTLR -> writeCtlr(GicrCtlr.ENABLE_LPIS.isSet(value));
            case GICR_WAKER -> asleep = GicrCtlr.WAKER_PROCESSOR_SLEEP.isSet(value);
            case GICR_PROPBASER -> {
                if (!locked()) {
                    propbaser.set(half(propbaser.value(), offset, value) & PROPBASER_BITS);
                }
            }
            case GICR_PENDBASER -> {
                if (!locked()) {
                    pendbaser = half(pendbaser, offset, value) & PENDBASER_BITS;
                }
            }
            case GICR_IGROUPR0 -> bank.setGroup(LOW, value);
            case GICR_ISENABLER0 -> bank.enable(LOW, value);
            case GICR_ICENABLER0 -> bank.disable(LOW, value);
            case GICR_ISPENDR0 -> bank.setPending(LOW, value);
            case GICR_ICPENDR0 -> bank.clearPending(LOW, value);
            case GICR_ISACTIVER0 -> bank.activate(LOW, value);
            case GICR_ICACTIVER0 -> bank.deactivate(LOW, value);
            case GICR_IPRIORITYR -> {
                for (int i = 0; i < 4; i++) {
                    write8(offset + i, value >>> (8 * i));
                }
            }
            case GICR_ICFGR1 -> bank.setConfig(1, value);
            case GICR_SETLPIR, GICR_CLRLPIR, GICR_INVLPIR, GICR_INVALLR ->
                    direct(Gicr.of(offset), offset, value);
            case GICR_VPROPBASER -> {
                if (virtual()) {
                    virtualLpis.writeVpropbaser(half(virtualLpis.vpropbaser(), offset, value));
                }
            }
            case GICR_VPENDBASER -> {
                if (virtual()) {
                    virtualLpis.writeVpendbaser(half(virtualLpis.vpendbaser(), offset, value));
                }
            }
            // SGIs are always edge-triggered. The rest is read-only, or for two Security states.
            case GICR_ICFGR0,
                    GICR_IIDR,
                    GICR_TYPER,
                    GICR_STATUSR,
                    GICR_SYNCR,
                    GICR_IDREGS,
                    GICR_IGRPMODR0,
                    GICR_NSACR,
                    RESERVED -> {}
        }
    }

    private boolean virtual() {
        return identity.has(GicChoice.VIRTUAL_LPIS);
    }

    /// Registers that act on one LPI, or all: the low half of them, with LPIs enabled.
    private void direct(Gicr r, long offset, int intid) {
        boolean lpi = identity.has(GicChoice.DIRECT_LPI);
        boolean invalidates = lpi || identity.has(GicChoice.INVALIDATES_BY_REGISTER);
        if ((offset & 4) != 0 || !enableLpis) {
            return;
        }
        if (r == Gicr.GICR_INVALLR && invalidates) {
            lpis.invalidateAll();
        } else if (r == Gicr.GICR_INVLPIR && invalidates) {
            lpis.invalidate(intid);
        } else if (r == Gicr.GICR_SETLPIR && lpi) {
            pend(intid);
        } else if (r == Gicr.GICR_CLRLPIR && lpi) {
            lpis.clear(intid);
        }
    }

    private boolean locked() {
        return enableLpis && identity.has(GicChoice.LOCKS_TABLES);
    }

    private void writeCtlr(boolean enable) {
        boolean stays = enableLpis && !identity.has(GicChoice.DISABLES_LPIS);
        if (enable == enableLpis || stays) {
            return;
        }
        enableLpis = enable;
        if (enable) {
            lpis.enable(new GicrPropbaser(propbaser.value()), new GicrPendbaser(pendbaser));
        } else {
            lpis.disable();
        }
    }

    /// `old` with the 32 bits at `offset` of its 8 bytes replaced.
    static long half(long old, long offset, int value) {
        return (offset & 4) == 0
                ? (old & 0xffff_ffff_0000_0000L) | (value & 0xffff_ffffL)
                : (old & 0xffff_ffffL) | ((long) value << 32);
    }
}
