package dev.belfry.model.gic;

import dev.belfry.model.gic.spec.Icc;

/// A CPU interface of a GICv3 with one Security state (IHI 0069 4.8, ICC_*): which pending
/// interrupt is signalled, what is taken, and what runs. Virtual interfaces (ICV_*) are the same
/// over another source.
public final class CpuInterface {

    private static final long ENABLE = 1;
    private static final int INTID_MASK = 0xff_ffff;
    private static final int FIRST_SPECIAL = 1020;
    private static final int FIRST_LPI = 8192;
    // System registers only: SRE, DFB and DIB are all ones.
    private static final long SRE = 7;

    private final InterruptSource source;
    private final int idBits;
    private final int priorityBits;
    private final ActivePriorities active0;
    private final ActivePriorities active1;
    private final int leastBpr;
    private int pmr;
    private int bpr0;
    private int bpr1;
    private boolean commonBpr;
    private boolean splitEnd;
    private boolean enabled0;
    private boolean enabled1;

    /// @param priorityBits bits of a priority, 4..8
    CpuInterface(InterruptSource source, int idBits, int priorityBits) {
        this.source = source;
        this.idBits = idBits;
        this.priorityBits = priorityBits;
        int preemption = Math.min(7, priorityBits);
        this.active0 = new ActivePriorities(preemption);
        this.active1 = new ActivePriorities(preemption);
        this.leastBpr = 7 - preemption;
        reset();
    }

    void reset() {
        active0.reset();
        active1.reset();
        pmr = 0;
        bpr0 = leastBpr;
        bpr1 = leastBpr + 1;
        commonBpr = false;
        splitEnd = false;
        enabled0 = false;
        enabled1 = false;
    }

    /// Reads a register. ICC_IAR0_EL1 and ICC_IAR1_EL1 take an interrupt; the others have no side
    /// effect. What is write-only reads as zero.
    public long read(Icc register) {
        return switch (register) {
            case ICC_PMR_EL1 -> pmr;
            case ICC_IAR0_EL1 -> acknowledge(false);
            case ICC_IAR1_EL1 -> acknowledge(true);
            case ICC_RPR_EL1 -> Math.min(0xff, running());
            case ICC_HPPIR0_EL1 -> highest(false);
            case ICC_HPPIR1_EL1 -> highest(true);
            case ICC_BPR0_EL1 -> bpr0;
            case ICC_BPR1_EL1 -> commonBpr ? Math.min(7, bpr0 + 1) : bpr1;
            case ICC_CTLR_EL1 -> control();
            case ICC_SRE_EL1 -> SRE;
            case ICC_IGRPEN0_EL1 -> enabled0 ? ENABLE : 0;
            case ICC_IGRPEN1_EL1 -> enabled1 ? ENABLE : 0;
            case ICC_AP0R0_EL1, ICC_AP0R1_EL1, ICC_AP0R2_EL1, ICC_AP0R3_EL1 ->
                    active0.word(register.compareTo(Icc.ICC_AP0R0_EL1)) & 0xffff_ffffL;
            case ICC_AP1R0_EL1, ICC_AP1R1_EL1, ICC_AP1R2_EL1, ICC_AP1R3_EL1 ->
                    active1.word(register.compareTo(Icc.ICC_AP1R0_EL1)) & 0xffff_ffffL;
            case ICC_EOIR0_EL1, ICC_EOIR1_EL1, ICC_DIR_EL1, ICC_SGI0R_EL1, ICC_SGI1R_EL1 -> 0;
        };
    }

    /// Writes a register; what is read-only ignores it.
    public void write(Icc register, long value) {
        switch (register) {
            case ICC_PMR_EL1 -> pmr = (int) value & (0xff << (8 - priorityBits)) & 0xff;
            case ICC_EOIR0_EL1 -> end((int) value & INTID_MASK, false);
            case ICC_EOIR1_EL1 -> end((int) value & INTID_MASK, true);
            case ICC_DIR_EL1 -> {
                if (splitEnd) {
                    deactivate((int) value & INTID_MASK);
                }
            }
            case ICC_BPR0_EL1 -> bpr0 = Math.max(leastBpr, (int) value & 7);
            case ICC_BPR1_EL1 -> {
                if (!commonBpr) {
                    bpr1 = Math.max(leastBpr + 1, (int) value & 7);
                }
            }
            case ICC_CTLR_EL1 -> {
                commonBpr = Icc.CTLR_CBPR.isSet(value);
                splitEnd = Icc.CTLR_EOI_MODE.isSet(value);
            }
            case ICC_IGRPEN0_EL1 -> enabled0 = (value & ENABLE) != 0;
            case ICC_IGRPEN1_EL1 -> enabled1 = (value & ENABLE) != 0;
            case ICC_AP0R0_EL1, ICC_AP0R1_EL1, ICC_AP0R2_EL1, ICC_AP0R3_EL1 ->
                    active0.setWord(register.compareTo(Icc.ICC_AP0R0_EL1), (int) value);
            case ICC_AP1R0_EL1, ICC_AP1R1_EL1, ICC_AP1R2_EL1, ICC_AP1R3_EL1 ->
                    active1.setWord(register.compareTo(Icc.ICC_AP1R0_EL1), (int) value);
            case ICC_SGI0R_EL1 -> source.send(value, false);
            case ICC_SGI1R_EL1 -> source.send(value, true);
            case ICC_IAR0_EL1,
                    ICC_IAR1_EL1,
                    ICC_RPR_EL1,
                    ICC_HPPIR0_EL1,
                    ICC_HPPIR1_EL1,
                    ICC_SRE_EL1 -> {}
        }
    }

    private long control() {
        return Icc.CTLR_CBPR.of(commonBpr ? 1 : 0)
                | Icc.CTLR_EOI_MODE.of(splitEnd ? 1 : 0)
                | Icc.CTLR_PRI_BITS.of(priorityBits - 1)
                | Icc.CTLR_ID_BITS.of(idBits > 16 ? 1 : 0)
                | Icc.CTLR_A3V.mask();
    }

    private int running() {
        return Math.min(active0.running(), active1.running());
    }

    /// Whether an interrupt is signalled to the CPU now.
    public boolean signals() {
        return passes(source.best(enabled0, enabled1));
    }

    private int acknowledge(boolean group1) {
        long best = source.best(enabled0, enabled1);
        if (!passes(best) || InterruptSource.group1(best) != group1) {
            return InterruptController.SPURIOUS;
        }
        int priority = InterruptSource.priority(best);
        (group1 ? active1 : active0).take(priority & groupMask(group1));
        source.activate(InterruptSource.intid(best));
        return InterruptSource.intid(best);
    }

    /// Whether a candidate is above the mask, and its group priority above what runs.
    private boolean passes(long candidate) {
        int priority = InterruptSource.priority(candidate);
        if (priority >= pmr) {
            return false;
        }
        int running = running();
        int mask = groupMask(InterruptSource.group1(candidate));
        return running == ActivePriorities.IDLE || (priority & mask) < (running & mask);
    }

    /// The bits of a priority that decide on preemption. ICC_BPR1_EL1 counts from one more (IHI
    /// 0069 4.8.5).
    private int groupMask(boolean group1) {
        int bpr = group1 && !commonBpr ? bpr1 - 1 : bpr0;
        return -1 << (bpr + 1);
    }

    private int highest(boolean group1) {
        long best = source.best(enabled0, enabled1);
        return InterruptSource.group1(best) == group1
                ? InterruptSource.intid(best)
                : InterruptController.SPURIOUS;
    }

    /// An end that does not fit the group of what runs is ignored (it is UNPREDICTABLE).
    private void end(int intid, boolean group1) {
        boolean special = intid >= FIRST_SPECIAL && intid < FIRST_LPI;
        int running0 = active0.running();
        int running1 = active1.running();
        boolean idle = Math.min(running0, running1) == ActivePriorities.IDLE;
        boolean fits = !idle && group1 == running1 < running0;
        if (special || !fits) {
            return;
        }
        (group1 ? active1 : active0).drop();
        if (!splitEnd) {
            deactivate(intid);
        }
    }

    private void deactivate(int intid) {
        if (intid < FIRST_SPECIAL) {
            source.deactivate(intid);
        }
    }
}
