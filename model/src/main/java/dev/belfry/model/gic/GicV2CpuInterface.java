package dev.belfry.model.gic;

import static dev.belfry.model.bits.Field.bit;

import dev.belfry.model.bits.Field;
import dev.belfry.model.gic.spec.Gicc;

/// A CPU interface of a GICv2 (IHI 0048 4.4). Until software writes GICC_CTLR and GICC_PMR, nothing
/// comes through. One group, as without Security extensions.
final class GicV2CpuInterface extends WordFrame {

    private static final Field ENABLE = bit(0);
    private static final Field EOI_MODE = bit(9);
    private static final int INTID_MASK = 0x3ff;
    private static final int IDLE_PRIORITY = 0xff;
    // GICv2, implementer Arm (GICC_IIDR).
    private static final int IIDR = 0x0002_043b;

    private final GicV2Distributor distributor;
    private final int cpu;
    private final ActivePriorities active = new ActivePriorities(7);
    private int ctlr;
    private int pmr;
    private int bpr;

    GicV2CpuInterface(GicV2Distributor distributor, int cpu) {
        this.distributor = distributor;
        this.cpu = cpu;
    }

    void reset() {
        active.reset();
        ctlr = 0;
        pmr = 0;
        bpr = 0;
    }

    int acknowledge() {
        long best = best();
        int priority = (int) (best >>> 32);
        // GICC_BPR says how many low bits do not count for preemption.
        int mask = -1 << (bpr + 1);
        int running = active.running();
        boolean idle = running == ActivePriorities.IDLE;
        if (priority == ActivePriorities.IDLE || !(idle || (priority & mask) < (running & mask))) {
            return InterruptController.SPURIOUS;
        }
        distributor.bank().take((int) best);
        active.take(priority & mask);
        return (int) best;
    }

    /// Priority drop, and deactivation unless GICC_CTLR.EOImode leaves that to GICC_DIR.
    void end(int intid) {
        if (intid < distributor.bank().words() * 32) {
            active.drop();
            if (!EOI_MODE.isSet(ctlr)) {
                deactivate(intid);
            }
        }
    }

    private void deactivate(int intid) {
        if (intid < distributor.bank().words() * 32) {
            distributor.bank().end(intid);
        }
    }

    /// The best interrupt that GICC_PMR lets through: priority in the high half, INTID in the low
    /// one.
    private long best() {
        long none = (256L << 32) | InterruptController.SPURIOUS;
        if (!ENABLE.isSet(ctlr)) {
            return none;
        }
        long best = distributor.best(cpu);
        return (int) (best >>> 32) < pmr ? best : none;
    }

    @Override
    public long size() {
        return Gicc.SIZE;
    }

    /// Reading GICC_IAR takes an interrupt; nothing else has a side effect.
    @Override
    int read32(long offset) {
        return switch (Gicc.of(offset)) {
            case GICC_CTLR -> ctlr;
            case GICC_PMR -> pmr;
            case GICC_BPR -> bpr;
            case GICC_IAR -> acknowledge();
            case GICC_RPR -> Math.min(IDLE_PRIORITY, active.running());
            case GICC_HPPIR -> (int) best();
            case GICC_IIDR -> IIDR;
            case GICC_APR -> active.word(Gicc.GICC_APR.index(offset));
            case GICC_EOIR, GICC_DIR, RESERVED -> 0;
        };
    }

    @Override
    void write32(long offset, int value, int requester) {
        switch (Gicc.of(offset)) {
            case GICC_CTLR -> ctlr = value & (int) (ENABLE.mask() | EOI_MODE.mask());
            case GICC_PMR -> pmr = value & 0xff;
            case GICC_BPR -> bpr = value & 7;
            case GICC_EOIR -> end(value & INTID_MASK);
            case GICC_APR -> active.setWord(Gicc.GICC_APR.index(offset), value);
            case GICC_DIR -> {
                if (EOI_MODE.isSet(ctlr)) {
                    deactivate(value & INTID_MASK);
                }
            }
            case GICC_IAR, GICC_RPR, GICC_HPPIR, GICC_IIDR, RESERVED -> {}
        }
    }
}
