package dev.belfry.model.gic;

import dev.belfry.model.gic.spec.Gicd;
import dev.belfry.model.gic.spec.GicdCtlr;
import dev.belfry.model.gic.spec.GicdTyper;

/// The Distributor of a GICv3 with one Security state and affinity routing always on (IHI 0069
/// chapter 12): SPIs. Registers of INTIDs 0..31 are RAZ/WI here, the Redistributors have them.
final class Distributor extends WordFrame {

    private static final int ALWAYS = (int) (GicdCtlr.ARE.mask() | GicdCtlr.DS.mask());
    private static final int ENABLES =
            (int) (GicdCtlr.ENABLE_GRP0.mask() | GicdCtlr.ENABLE_GRP1.mask());
    private static final long ROUTER_BITS = 0xff_00ff_ffffL;
    private static final long ROUTER_BITS_WITHOUT_AFF3 = 0xff_ffffL;

    private final GicIdentity identity;
    private final int intids;
    private final InterruptBank bank;
    private final long[] router;
    private int ctlr;

    Distributor(GicIdentity identity, int intids) {
        this.identity = identity;
        this.intids = intids;
        this.bank = new InterruptBank(intids, identity.priorityBits());
        this.router = new long[intids];
        reset();
    }

    void reset() {
        bank.reset(identity.has(GicChoice.RESETS_TO_GROUP_1));
        java.util.Arrays.fill(router, 0);
        ctlr = ALWAYS;
    }

    InterruptBank bank() {
        return bank;
    }

    int intids() {
        return intids;
    }

    boolean group0Enabled() {
        return GicdCtlr.ENABLE_GRP0.isSet(ctlr);
    }

    boolean group1Enabled() {
        return GicdCtlr.ENABLE_GRP1.isSet(ctlr);
    }

    /// The affinity that an SPI is routed to, one byte a level.
    int target(int intid) {
        return (int) ((router[intid] & 0xffffff) | ((router[intid] >>> 8) & 0xff00_0000L));
    }

    @Override
    public long size() {
        return Gicd.SIZE;
    }

    private int typer() {
        return (int)
                (GicdTyper.IT_LINES_NUMBER.of(intids / 32 - 1)
                        | GicdTyper.LPIS.mask()
                        | GicdTyper.ID_BITS.of(identity.idBits() - 1)
                        | GicdTyper.A3V.of(identity.has(GicChoice.AFF3) ? 1 : 0)
                        | GicdTyper.NO_1_OF_N.of(identity.has(GicChoice.NO_1_OF_N) ? 1 : 0));
    }

    private long routerBits() {
        return identity.has(GicChoice.AFF3) ? ROUTER_BITS : ROUTER_BITS_WITHOUT_AFF3;
    }

    /// Whether number `word` of a bitmap of 32 interrupts each is one of SPIs.
    private boolean spis(int word) {
        return word > 0 && word < bank.words();
    }

    @Override
    int read32(long offset) {
        Gicd r = Gicd.of(offset);
        int n = r.index(offset);
        return switch (r) {
            case GICD_CTLR -> ctlr;
            case GICD_TYPER -> typer();
            case GICD_IIDR -> identity.iidr();
            case GICD_IGROUPR -> spis(n) ? bank.group(n) : 0;
            case GICD_ISENABLER, GICD_ICENABLER -> spis(n) ? bank.enabled(n) : 0;
            case GICD_ISPENDR, GICD_ICPENDR -> spis(n) ? bank.pending(n) : 0;
            case GICD_ISACTIVER, GICD_ICACTIVER -> spis(n) ? bank.active(n) : 0;
            case GICD_IPRIORITYR -> spis(n >>> 5) ? IdRegisters.priorities(bank, n) : 0;
            case GICD_ICFGR -> spis(n >>> 1) ? bank.config(n) : 0;
            case GICD_IROUTER -> spis(n >>> 5) ? (int) (router[n] >>> ((offset & 4) * 8)) : 0;
            case GICD_IDREGS ->
                    IdRegisters.read(
                            n, IdRegisters.DISTRIBUTOR, identity.has(GicChoice.VIRTUAL_LPIS));
            case GICD_TYPER2,
                    GICD_STATUSR,
                    GICD_SETSPI_NSR,
                    GICD_CLRSPI_NSR,
                    GICD_SETSPI_SR,
                    GICD_CLRSPI_SR,
                    GICD_ITARGETSR,
                    GICD_IGRPMODR,
                    GICD_NSACR,
                    GICD_SGIR,
                    GICD_CPENDSGIR,
                    GICD_SPENDSGIR,
                    RESERVED ->
                    0;
        };
    }

    @Override
    boolean wideAt(long offset) {
        return Gicd.of(offset).width() == 8;
    }

    @Override
    boolean bytesAt(long offset) {
        return Gicd.GICD_IPRIORITYR.covers(offset);
    }

    @Override
    void write8(long offset, int value) {
        int n = Gicd.GICD_IPRIORITYR.index(offset);
        if (spis(n >>> 5)) {
            bank.setPriority(n, value);
        }
    }

    @Override
    void write32(long offset, int value, int requester) {
        Gicd r = Gicd.of(offset);
        int n = r.index(offset);
        switch (r) {
            case GICD_CTLR -> ctlr = ALWAYS | (value & ENABLES);
            case GICD_IGROUPR,
                    GICD_ISENABLER,
                    GICD_ICENABLER,
                    GICD_ISPENDR,
                    GICD_ICPENDR,
                    GICD_ISACTIVER,
                    GICD_ICACTIVER -> {
                if (spis(n)) {
                    SpiBitmaps.write(bank, r, n, value);
                }
            }
            case GICD_IPRIORITYR -> {
                for (int i = 0; i < 4; i++) {
                    write8(offset + i, value >>> (8 * i));
                }
            }
            case GICD_ICFGR -> {
                if (spis(n >>> 1)) {
                    bank.setConfig(n, value);
                }
            }
            case GICD_IROUTER -> {
                if (spis(n >>> 5)) {
                    router[n] = Redistributor.half(router[n], offset, value) & routerBits();
                }
            }
            // Read-only, of GICv2, or not advertised (MBIS, two Security states).
            case GICD_TYPER,
                    GICD_IIDR,
                    GICD_TYPER2,
                    GICD_STATUSR,
                    GICD_SETSPI_NSR,
                    GICD_CLRSPI_NSR,
                    GICD_SETSPI_SR,
                    GICD_CLRSPI_SR,
                    GICD_ITARGETSR,
                    GICD_IGRPMODR,
                    GICD_NSACR,
                    GICD_SGIR,
                    GICD_CPENDSGIR,
                    GICD_SPENDSGIR,
                    GICD_IDREGS,
                    RESERVED -> {}
        }
    }
}
