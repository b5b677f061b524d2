package dev.belfry.model.gic;

import dev.belfry.model.gic.spec.Gicd;
import dev.belfry.model.gic.spec.GicdTyper;

/// The Distributor of a GICv2 (IHI 0048 4.3): as that of GICv3, with GICD_ITARGETSR instead of
/// affinity routing.
final class GicV2Distributor extends WordFrame {

    // No implementer: what QEMU's GICv2 says (GICD_IIDR).
    private static final int IIDR = 0;

    private final int cpus;
    private final InterruptBank bank;
    private final byte[] targets;
    private boolean enabled;

    GicV2Distributor(int cpus, int intids) {
        this.cpus = cpus;
        this.bank = new InterruptBank(intids, 8);
        this.targets = new byte[intids];
        reset();
    }

    void reset() {
        bank.reset(false);
        bank.setConfig(0, -1);
        java.util.Arrays.fill(targets, (byte) 0);
        enabled = false;
    }

    InterruptBank bank() {
        return bank;
    }

    /// The best candidate for a CPU: priority in the high half, INTID in the low one; priority 256
    /// when there is none.
    long best(int cpu) {
        long best = (256L << 32) | InterruptController.SPURIOUS;
        for (int w = 0; enabled && w < bank.words(); w++) {
            for (int bits = bank.candidates(w); bits != 0; bits &= bits - 1) {
                int n = w * 32 + Integer.numberOfTrailingZeros(bits);
                if (n < 32 ? cpu == 0 : ((targets[n] >>> cpu) & 1) != 0) {
                    best = Math.min(best, ((long) bank.priority(n) << 32) | n);
                }
            }
        }
        return best;
    }

    @Override
    public long size() {
        return Gicd.SIZE;
    }

    private boolean known(int word) {
        return word >= 0 && word < bank.words();
    }

    @Override
    int read32(long offset) {
        Gicd r = Gicd.of(offset);
        int n = r.index(offset);
        return switch (r) {
            case GICD_CTLR -> enabled ? 1 : 0;
            case GICD_TYPER ->
                    (int)
                            (GicdTyper.IT_LINES_NUMBER.of(bank.words() - 1)
                                    | GicdTyper.CPU_NUMBER.of(cpus - 1));
            case GICD_IIDR -> IIDR;
            case GICD_IGROUPR -> known(n) ? bank.group(n) : 0;
            case GICD_ISENABLER, GICD_ICENABLER -> known(n) ? bank.enabled(n) : 0;
            case GICD_ISPENDR, GICD_ICPENDR -> known(n) ? bank.pending(n) : 0;
            case GICD_ISACTIVER, GICD_ICACTIVER -> known(n) ? bank.active(n) : 0;
            case GICD_IPRIORITYR -> known(n >>> 5) ? IdRegisters.priorities(bank, n) : 0;
            case GICD_ITARGETSR -> known(n >>> 5) ? targets(n) : 0;
            case GICD_ICFGR -> known(n >>> 1) ? bank.config(n) : 0;
            case GICD_TYPER2,
                    GICD_STATUSR,
                    GICD_SETSPI_NSR,
                    GICD_CLRSPI_NSR,
                    GICD_SETSPI_SR,
                    GICD_CLRSPI_SR,
                    GICD_IGRPMODR,
                    GICD_NSACR,
                    GICD_SGIR,
                    GICD_CPENDSGIR,
                    GICD_SPENDSGIR,
                    GICD_IROUTER,
                    GICD_IDREGS,
                    RESERVED ->
                    0;
        };
    }

    private int targets(int n) {
        int out = 0;
        for (int i = 0; i < 4; i++) {
            // Banked and read-only for SGIs and PPIs: the CPU that reads, which is CPU 0 here.
            int value = n + i < 32 ? 1 : targets[n + i] & 0xff;
            out |= value << (8 * i);
        }
        return out;
    }

    @Override
    boolean bytesAt(long offset) {
        return Gicd.GICD_IPRIORITYR.covers(offset) || Gicd.GICD_ITARGETSR.covers(offset);
    }

    @Override
    void write8(long offset, int value) {
        Gicd r = Gicd.of(offset);
        int n = r.index(offset);
        if (!known(n >>> 5)) {
            return;
        }
        if (r == Gicd.GICD_IPRIORITYR) {
            bank.setPriority(n, value);
        } else if (r == Gicd.GICD_ITARGETSR && n >= 32) {
            targets[n] = (byte) (value & ((1 << cpus) - 1));
        }
    }

    @Override
    void write32(long offset, int value, int requester) {
        Gicd r = Gicd.of(offset);
        int n = r.index(offset);
        switch (r) {
            case GICD_CTLR -> enabled = (value & 1) != 0;
            case GICD_IGROUPR,
                    GICD_ISENABLER,
                    GICD_ICENABLER,
                    GICD_ISPENDR,
                    GICD_ICPENDR,
                    GICD_ISACTIVER,
                    GICD_ICACTIVER -> {
                if (known(n)) {
                    SpiBitmaps.write(bank, r, n, value);
                }
            }
            case GICD_IPRIORITYR, GICD_ITARGETSR -> {
                for (int i = 0; i < 4; i++) {
                    write8(offset + i, value >>> (8 * i));
                }
            }
            case GICD_ICFGR -> {
                if (n > 0 && known(n >>> 1)) {
                    bank.setConfig(n, value);
                }
            }
            case GICD_TYPER,
                    GICD_IIDR,
                    GICD_TYPER2,
                    GICD_STATUSR,
                    GICD_SETSPI_NSR,
                    GICD_CLRSPI_NSR,
                    GICD_SETSPI_SR,
                    GICD_CLRSPI_SR,
                    GICD_IGRPMODR,
                    GICD_NSACR,
                    GICD_SGIR,
                    GICD_CPENDSGIR,
                    GICD_SPENDSGIR,
                    GICD_IROUTER,
                    GICD_IDREGS,
                    RESERVED -> {}
        }
    }
}
