package dev.belfry.qemu.guestport;

import static dev.belfry.model.bits.Field.bit;
import static dev.belfry.model.bits.Field.bits;

import dev.belfry.model.bits.Field;
import dev.belfry.qemu.qtest.QtestClient;
import java.util.ArrayList;
import java.util.List;

/// What the CPU interfaces of a GIC would do, done through memory-mapped registers and the LPI
/// tables in memory. Priority masks and preemption, which live in system registers, are not there:
/// the highest priority wins, the lowest INTID among equals.
final class PendingInterrupts {

    static final int SPURIOUS = 1023;

    private static final int GICD_CTLR = 0x0;
    private static final Field ENABLE_GROUPS = bits(1, 0);
    private static final int GICD_TYPER = 0x4;
    private static final Field IT_LINES_NUMBER = bits(4, 0);
    private static final int ISENABLER = 0x100;
    private static final int ISPENDR = 0x200;
    private static final int ICPENDR = 0x280;
    private static final int ISACTIVER = 0x300;
    private static final int ICACTIVER = 0x380;
    private static final int IPRIORITYR = 0x400;
    private static final int GICD_IROUTER = 0x6000;
    private static final Field INTERRUPT_ROUTING_MODE = bit(31);

    private static final int GICR_CTLR = 0x0;
    private static final Field ENABLE_LPIS = bit(0);
    private static final int GICR_TYPER = 0x8;
    private static final int GICR_PROPBASER = 0x70;
    private static final Field ID_BITS = bits(4, 0);
    private static final Field PROP_ADDRESS = bits(51, 12);
    private static final int GICR_PENDBASER = 0x78;
    private static final Field PEND_ADDRESS = bits(51, 16);
    private static final int SGI_BASE = 0x10000;
    private static final int FIRST_SPI = 32;
    private static final int FIRST_LPI = 8192;
    private static final Field LPI_PRIORITY = bits(7, 2);
    private static final int MOST_ID_BITS = 16;

    private record Candidate(int intid, int priority) {}

    private final QtestClient qtest;
    private final long gicd;
    private final List<Long> gicrs;

    /// @param gicd base of the distributor
    /// @param gicrs bases of the redistributors in CPU order; none for a GICv2, which then has one
    ///   CPU
    PendingInterrupts(QtestClient qtest, long gicd, List<Long> gicrs) {
        this.qtest = qtest;
        this.gicd = gicd;
        this.gicrs = List.copyOf(gicrs);
    }

    /// Takes the interrupt that `cpu` would take: pending becomes active. [#SPURIOUS] for none.
    int acknowledge(int cpu) {
        List<Candidate> found = new ArrayList<>();
        if (ENABLE_GROUPS.isSet(qtest.read(gicd + GICD_CTLR, 4))) {
            wired(cpu, found);
            if (cpu < gicrs.size()) {
                lpis(gicrs.get(cpu), found);
            }
        }
        Candidate best = new Candidate(SPURIOUS, 256);
        for (Candidate c : found) {
            best = c.priority < best.priority ? c : best;
        }
        if (best.intid != SPURIOUS) {
            take(cpu, best.intid);
        }
        return best.intid;
    }

    /// `intid` is no longer active. LPIs never are.
    void end(int cpu, int intid) {
        if (intid < SPURIOUS) {
            qtest.write(frame(cpu, intid) + ICACTIVER + word(intid), 4, mask(intid));
        }
    }

    /// SGIs, PPIs and SPIs: enabled, pending, not active, and for this CPU.
    private void wired(int cpu, List<Candidate> found) {
        int lines = 32 * (IT_LINES_NUMBER.getInt(qtest.read(gicd + GICD_TYPER, 4)) + 1);
        for (int first = 0; first < Math.min(lines, 1020); first += 32) {
            long frame = frame(cpu, first);
            long ready =
                    qtest.read(frame + ISPENDR + word(first), 4)
                            & qtest.read(frame + ISENABLER + word(first), 4)
                            & ~qtest.read(frame + ISACTIVER + word(first), 4);
            for (int i = 0; i < 32; i++) {
                if ((ready >>> i & 1) != 0 && isFor(cpu, first + i)) {
                    int priority = (int) qtest.read(frame + IPRIORITYR + first + i, 1);
                    found.add(new Candidate(first + i, priority));
                }
            }
        }
    }

    private boolean isFor(int cpu, int intid) {
        if (intid < FIRST_SPI || gicrs.size() <= 1) {
            return true;
        }
        long route = qtest.read(gicd + GICD_IROUTER + 8L * intid, 8);
        long affinity = qtest.read(gicrs.get(cpu) + GICR_TYPER + 4, 4);
        long wanted = (route >>> 32 & 0xff) << 24 | (route & 0xff_ffff);
        return INTERRUPT_ROUTING_MODE.isSet(route) || wanted == affinity;
    }

    private void lpis(long gicr, List<Candidate> found) {
        if (!ENABLE_LPIS.isSet(qtest.read(gicr + GICR_CTLR, 4))) {
            return;
        }
        long properties = qtest.read(gicr + GICR_PROPBASER, 8);
        int idBits = Math.min(ID_BITS.getInt(properties) + 1, MOST_ID_BITS);
        int last = 1 << idBits;
        if (last <= FIRST_LPI) {
            return;
        }
        long table = PEND_ADDRESS.inPlace(qtest.read(gicr + GICR_PENDBASER, 8));
        byte[] pending = qtest.readBytes(table + FIRST_LPI / 8, (last - FIRST_LPI) / 8);
        for (int i = 0; i < pending.length * 8; i++) {
            if ((pending[i / 8] >>> (i % 8) & 1) != 0) {
                long configuration = qtest.read(PROP_ADDRESS.inPlace(properties) + i, 1);
                if ((configuration & 1) != 0) {
                    int priority = (int) LPI_PRIORITY.inPlace(configuration);
                    found.add(new Candidate(FIRST_LPI + i, priority));
                }
            }
        }
    }

    private void take(int cpu, int intid) {
        if (intid >= FIRST_LPI) {
            long table = qtest.read(gicrs.get(cpu) + GICR_PENDBASER, 8);
            long at = PEND_ADDRESS.inPlace(table) + intid / 8;
            qtest.write(at, 1, qtest.read(at, 1) & ~(1L << (intid % 8)));
            return;
        }
        long frame = frame(cpu, intid);
        qtest.write(frame + ISACTIVER + word(intid), 4, mask(intid));
        qtest.write(frame + ICPENDR + word(intid), 4, mask(intid));
    }

    private long frame(int cpu, int intid) {
        return intid < FIRST_SPI && cpu < gicrs.size() ? gicrs.get(cpu) + SGI_BASE : gicd;
    }

    private static int word(int intid) {
        return intid / 32 * 4;
    }

    private static long mask(int intid) {
        return 1L << (intid % 32);
    }
}
