package dev.belfry.model.gic;

import dev.belfry.model.gic.spec.Gicr;
import dev.belfry.model.gic.spec.LpiConfig;
import dev.belfry.model.memory.MmioDevice;
import dev.belfry.model.memory.PhysicalMemory;
import java.util.List;

/// A GICv3 with one Security state (IHI 0069): Distributor, a Redistributor a CPU, and the CPU
/// interfaces as far as taking and ending Group 1 interrupts goes. LPIs come from an [Its].
///
/// Not modelled: SGIs sent by CPUs, Group 0 on the CPU side, GICv4, 1 of N routing, and the CPU
/// interfaces' masks (a CPU that asks takes whatever preempts what it handles).
public final class GicV3 implements InterruptController {

    /// What a GICv3 is made of.
    ///
    /// @param identity what it advertises
    /// @param memory where the LPI tables are
    /// @param cpus 1..512
    /// @param spis how many SPIs, a multiple of 32, at most 960
    public record Setup(GicIdentity identity, PhysicalMemory memory, int cpus, int spis) {
        public Setup {
            if (cpus < 1 || cpus > 512 || spis < 0 || spis > 960 || spis % 32 != 0) {
                throw new IllegalArgumentException("no such GIC: " + cpus + " CPUs, " + spis);
            }
        }
    }

    private final Distributor distributor;
    private final Redistributor[] redistributors;
    private final CpuInterface[] interfaces;
    private final int idBits;

    public GicV3(Setup setup) {
        idBits = setup.identity().idBits();
        distributor = new Distributor(setup.identity(), setup.spis() + 32);
        redistributors = new Redistributor[setup.cpus()];
        interfaces = new CpuInterface[setup.cpus()];
        for (int i = 0; i < setup.cpus(); i++) {
            boolean last = i == setup.cpus() - 1;
            redistributors[i] = new Redistributor(setup.identity(), setup.memory(), i, last);
            interfaces[i] = new CpuInterface();
        }
    }

    /// Hardware reset.
    public void reset() {
        distributor.reset();
        for (int i = 0; i < redistributors.length; i++) {
            redistributors[i].reset();
            interfaces[i].reset();
        }
    }

    /// GICD_*: 64 KiB.
    public MmioDevice distributor() {
        return distributor;
    }

    /// GICR_*: 128 KiB a CPU, in CPU order.
    public MmioDevice redistributors() {
        return new Frames(List.of(redistributors));
    }

    /// The Redistributors of some CPUs, for machines that have them in several regions.
    ///
    /// @param first the first CPU
    /// @param count how many
    public MmioDevice redistributors(int first, int count) {
        if (first < 0 || count < 1 || first + count > redistributors.length) {
            throw new IllegalArgumentException("no such CPUs: " + first + ", " + count);
        }
        return new Frames(List.of(redistributors).subList(first, first + count));
    }

    /// How many CPUs there are.
    public int cpus() {
        return redistributors.length;
    }

    /// Bits of an INTID.
    int idBits() {
        return idBits;
    }

    Redistributor redistributor(int cpu) {
        return redistributors[cpu];
    }

    /// Whether an LPI is pending at a CPU.
    public boolean isLpiPending(int cpu, int intid) {
        return cpu >= 0 && cpu < cpus() && redistributors[cpu].lpis().isPending(intid);
    }

    @Override
    public void setLine(int intid, boolean level) {
        if (intid >= 32 && intid < distributor.intids()) {
            distributor.bank().setLine(intid, level);
        }
    }

    @Override
    public int acknowledge(int cpu) {
        if (cpu < 0 || cpu >= cpus() || !distributor.group1Enabled()) {
            return SPURIOUS;
        }
        Redistributor r = redistributors[cpu];
        if (r.isAsleep()) {
            return SPURIOUS;
        }
        long best = Math.min(bestOf(r.bank(), 0, 1, 0, false), bestSpi(r.affinity()));
        int lpiPriority = r.lpis().bestPriority();
        CpuInterface face = interfaces[cpu];
        if (lpiPriority < (int) (best >>> 32)) {
            return face.preempts(lpiPriority) ? takeLpi(r, face, lpiPriority) : SPURIOUS;
        }
        int priority = (int) (best >>> 32);
        if (!face.preempts(priority)) {
            return SPURIOUS;
        }
        int intid = (int) best;
        (intid < 32 ? r.bank() : distributor.bank()).take(intid);
        face.take(priority);
        return intid;
    }

    private int takeLpi(Redistributor r, CpuInterface face, int priority) {
        int intid = r.lpis().best();
        r.lpis().clear(intid);
        face.take(priority);
        return intid;
    }

    private long bestSpi(int affinity) {
        return bestOf(distributor.bank(), 1, distributor.bank().words(), affinity, true);
    }

    /// The best candidate of words `from` (inclusive) to `to`: priority in the high half, INTID in
    /// the low one; priority 256 when there is none.
    private long bestOf(InterruptBank bank, int from, int to, int affinity, boolean routed) {
        long best = 256L << 32;
        for (int w = from; w < to; w++) {
            for (int bits = bank.candidates(w, false); bits != 0; bits &= bits - 1) {
                int n = w * 32 + Integer.numberOfTrailingZeros(bits);
                if (!routed || distributor.target(n) == affinity) {
                    best = Math.min(best, ((long) bank.priority(n) << 32) | n);
                }
            }
        }
        return best;
    }

    @Override
    public void endOfInterrupt(int cpu, int intid) {
        boolean special = intid >= 1020 && intid < LpiConfig.FIRST_LPI;
        if (cpu < 0 || cpu >= cpus() || intid < 0 || special) {
            return;
        }
        interfaces[cpu].end();
        if (intid < 32) {
            redistributors[cpu].bank().deactivate(0, 1 << intid);
        } else if (intid < distributor.intids()) {
            distributor.bank().deactivate(intid >>> 5, 1 << intid);
        }
    }

    /// Redistributors one after the other.
    private record Frames(List<Redistributor> all) implements MmioDevice {
        @Override
        public long size() {
            return (long) Gicr.SIZE * all.size();
        }

        private boolean covers(long offset) {
            return Long.compareUnsigned(offset, size()) < 0;
        }

        private Redistributor at(long offset) {
            return all.get((int) (offset / Gicr.SIZE));
        }

        @Override
        public long read(long offset, int width) {
            return covers(offset) ? at(offset).read(offset % Gicr.SIZE, width) : 0;
        }

        @Override
        public void write(long offset, int width, long value, int requester) {
            if (covers(offset)) {
                at(offset).write(offset % Gicr.SIZE, width, value, requester);
            }
        }
    }
}
