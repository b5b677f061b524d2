package dev.belfry.model.gic;

import static dev.belfry.model.bits.Field.bit;

import dev.belfry.model.bits.Field;
import dev.belfry.model.gic.spec.Gicc;

/// A CPU interface of a GICv2 (IHI 0048 4.4). Until software writes GICC_CTLR and GICC_PMR, nothing
/// comes through.
final class GicV2CpuInterface extends WordFrame {

    private static final Field ENABLE = bit(0);
    private static final int INTID_MASK = 0x3ff;
    private static final int IDLE_PRIORITY = 0xff;
    // GICv2, implementer Arm (GICC_IIDR).
    private static final int IIDR = 0x0002_043b;

    private final GicV2Distributor distributor;
    private final int cpu;
    private final CpuInterface running = new CpuInterface();
    private int ctlr;
    private int pmr;
    private int bpr;

    GicV2CpuInterface(GicV2Distributor distributor, int cpu) {
        this.distributor = distributor;
        this.cpu = cpu;
    }

    void reset() {
        running.reset();
        ctlr = 0;
        pmr = 0;
        bpr = 0;
    }

    int acknowledge() {
        long best = best();
        int priority = (int) (best >>> 32);
        if (!running.preempts(priority)) {
            return InterruptController.SPURIOUS;
        }
        distributor.bank().take((int) best);
        running.take(priority);
        return (int) best;
    }

    void end(int intid) {
        if (intid >= 0 && intid < distributor.bank().words() * 32) {
            running.end();
            distributor.bank().deactivate(intid >>> 5, 1 << intid);
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
            case GICC_RPR -> Math.min(IDLE_PRIORITY, running.running());
            case GICC_HPPIR -> (int) best();
            case GICC_IIDR -> IIDR;
            case GICC_EOIR, GICC_APR, GICC_DIR, RESERVED -> 0;
        };
    }

    @Override
    void write32(long offset, int value, int requester) {
        switch (Gicc.of(offset)) {
            case GICC_CTLR -> ctlr = value & 1;
            case GICC_PMR -> pmr = value & 0xff;
            case GICC_BPR -> bpr = value & 7;
            case GICC_EOIR -> end(value & INTID_MASK);
            case GICC_IAR, GICC_RPR, GICC_HPPIR, GICC_APR, GICC_IIDR, GICC_DIR, RESERVED -> {}
        }
    }
}
