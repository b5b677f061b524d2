package dev.belfry.kernel.its;

import static dev.belfry.model.gic.spec.Gicd.GICD_ICACTIVER;
import static dev.belfry.model.gic.spec.Gicd.GICD_ICENABLER;
import static dev.belfry.model.gic.spec.Gicd.GICD_ICFGR;
import static dev.belfry.model.gic.spec.Gicd.GICD_IGROUPR;
import static dev.belfry.model.gic.spec.Gicd.GICD_IPRIORITYR;
import static dev.belfry.model.gic.spec.Gicd.GICD_ISENABLER;
import static dev.belfry.model.gic.spec.Gicd.GICD_TYPER;

import dev.belfry.model.gic.spec.GicdTyper;

/// What the distributors of GICv2 and GICv3 have in common: one bit, two bits or one byte an
/// interrupt (IHI 0069 12.9).
///
/// @param frame its registers
record Distributor(Frame frame) {

    /// Of SGIs and PPIs; SPIs follow.
    static final int FIRST_SPI = 32;

    static final long ALL = 0xffff_ffffL;

    /// Linux's one priority, for four interrupts.
    static final long PRIORITIES = 0xa0a0_a0a0L;

    private static final int EDGE = 2;

    GicdTyper typer() {
        return new GicdTyper((int) frame.read(GICD_TYPER));
    }

    /// All SPIs are Group 1.
    void groupAll(int intids) {
        for (int i = FIRST_SPI; i < intids; i += 32) {
            frame.write(GICD_IGROUPR, i / 32, ALL);
        }
    }

    /// All SPIs: level, one priority, inactive, disabled.
    void configure(int intids) {
        for (int i = FIRST_SPI; i < intids; i += 16) {
            frame.write(GICD_ICFGR, i / 16, 0);
        }
        for (int i = FIRST_SPI; i < intids; i += 4) {
            frame.write32(GICD_IPRIORITYR.at(i), PRIORITIES);
        }
        for (int i = FIRST_SPI; i < intids; i += 32) {
            frame.write(GICD_ICACTIVER, i / 32, ALL);
            frame.write(GICD_ICENABLER, i / 32, ALL);
        }
    }

    void setTrigger(int intid, boolean edge) {
        long bit = (long) EDGE << (intid % 16 * 2);
        long old = frame.read(GICD_ICFGR, intid / 16);
        long now = edge ? old | bit : old & ~bit;
        if (now != old) {
            frame.write(GICD_ICFGR, intid / 16, now);
            frame.read(GICD_ICFGR, intid / 16);
        }
    }

    boolean isEnabled(int intid) {
        return (frame.read(GICD_ISENABLER, intid / 32) >>> intid % 32 & 1) != 0;
    }

    void enable(int intid) {
        frame.write(GICD_ISENABLER, intid / 32, 1L << intid % 32);
    }

    void disable(int intid) {
        frame.write(GICD_ICENABLER, intid / 32, 1L << intid % 32);
    }
}
