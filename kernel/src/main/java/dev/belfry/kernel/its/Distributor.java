package dev.belfry.kernel.its;

import dev.belfry.kernel.Machine;

/// What the distributors of GICv2 and GICv3 have in common: one bit, two bits or one byte an
/// interrupt (IHI 0069 12.9).
final class Distributor {

    static final int CTLR = 0x0;
    static final int TYPER = 0x4;
    private static final int IGROUPR = 0x80;
    private static final int ISENABLER = 0x100;
    private static final int ICENABLER = 0x180;
    private static final int ICACTIVER = 0x380;
    private static final int IPRIORITYR = 0x400;
    private static final int ICFGR = 0xc00;

    private static final long ALL = 0xffff_ffffL;
    private static final long PRIORITIES = 0xa0a0_a0a0L;
    private static final int EDGE = 2;

    private final Machine machine;
    private final long base;

    Distributor(Machine machine, long base) {
        this.machine = machine;
        this.base = base;
    }

    long read(int offset) {
        return machine.read(base + offset, 4);
    }

    void write(int offset, long value) {
        machine.write(base + offset, 4, value);
    }

    void write64(int offset, long value) {
        machine.write(base + offset, 8, value);
    }

    void write8(int offset, long value) {
        machine.write(base + offset, 1, value);
    }

    /// Interrupts that GICD_TYPER.ITLinesNumber says there are, SGIs and PPIs included.
    int lines(long typer) {
        return Math.min(1020, 32 * (int) ((typer & 0x1f) + 1));
    }

    void groupAll(int lines) {
        for (int i = 32; i < lines; i += 32) {
            write(IGROUPR + i / 8, ALL);
        }
    }

    /// All SPIs: level, one priority, inactive, disabled.
    void configure(int lines) {
        for (int i = 32; i < lines; i += 16) {
            write(ICFGR + i / 4, 0);
        }
        for (int i = 32; i < lines; i += 4) {
            write(IPRIORITYR + i, PRIORITIES);
        }
        for (int i = 32; i < lines; i += 32) {
            write(ICACTIVER + i / 8, ALL);
            write(ICENABLER + i / 8, ALL);
        }
    }

    void setTrigger(int intid, boolean edge) {
        int offset = ICFGR + intid / 16 * 4;
        int shift = intid % 16 * 2;
        long old = read(offset);
        long now = edge ? old | (long) EDGE << shift : old & ~((long) EDGE << shift);
        if (now != old) {
            write(offset, now);
            read(offset);
        }
    }

    boolean isEnabled(int intid) {
        return (read(ISENABLER + intid / 32 * 4) >>> (intid % 32) & 1) != 0;
    }

    void enable(int intid) {
        write(ISENABLER + intid / 32 * 4, 1L << intid % 32);
    }

    void disable(int intid) {
        write(ICENABLER + intid / 32 * 4, 1L << intid % 32);
    }
}
