package dev.belfry.kernel.its;

import dev.belfry.kernel.Machine;
import dev.belfry.model.gic.spec.Icc;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// GICv3's distributor and redistributors.
public final class GicV3 implements SpiController {

    /// A region of redistributors.
    ///
    /// @param base first address
    /// @param size in bytes
    public record Region(long base, long size) {}

    /// A CPU's redistributor.
    ///
    /// @param base its RD_base frame
    /// @param typer GICR_TYPER
    public record Redistributor(long base, long typer) {
        /// Processor_Number, as an ITS with PTA = 0 wants it.
        public long processorNumber() {
            return typer >>> 8 & 0xffff;
        }

        /// Whether it has LPIs.
        public boolean physicalLpis() {
            return (typer & 1) != 0;
        }
    }

    private static final int TYPER2 = 0xc;
    private static final int IIDR = 0x8;
    private static final int IROUTER = 0x6000;
    private static final int PIDR2 = 0xffe8;
    private static final long CTLR_ARE_G1A_G1 = 0x13;
    private static final long CTLR_RWP = 1L << 31;

    private static final int GICR_CTLR = 0x0;
    private static final int GICR_TYPER = 0x8;
    private static final int GICR_WAKER = 0x14;
    private static final int SGI_FRAME = 0x10000;
    private static final int GICR_IGROUPR0 = SGI_FRAME + 0x80;
    private static final int GICR_ICENABLER0 = SGI_FRAME + 0x180;
    private static final int GICR_ICACTIVER0 = SGI_FRAME + 0x380;
    private static final int GICR_IPRIORITYR = SGI_FRAME + 0x400;
    private static final long WAKER_PROCESSOR_SLEEP = 2;
    private static final long WAKER_CHILDREN_ASLEEP = 4;
    private static final long TYPER_VLPIS = 1 << 1;
    private static final long TYPER_LAST = 1 << 4;
    private static final int POLLS = 1000;
    private static final long ALL_PRIORITIES = 0xf0;

    private final Machine machine;
    private final Distributor distributor;
    private final List<Region> regions;
    private final List<Long> affinities;
    private final List<Redistributor> redistributors = new ArrayList<>();
    private int idBits;

    /// @param mpidrs affinity fields of the CPUs, in the machine's order
    public GicV3(Machine machine, long distributor, List<Region> regions, List<Long> mpidrs) {
        this.machine = machine;
        this.distributor = new Distributor(machine, distributor);
        this.regions = List.copyOf(regions);
        this.affinities = List.copyOf(mpidrs);
    }

    /// Brings up the distributor and every CPU's redistributor.
    ///
    /// @return false when a CPU has no redistributor; its LPIs and PPIs cannot be used
    public boolean initialise() {
        distributor.read(PIDR2);
        long typer = distributor.read(Distributor.TYPER);
        distributor.read(IIDR);
        distributor.read(TYPER2);
        idBits = (int) (typer >>> 19 & 0x1f) + 1;
        initialiseDistributor(distributor.lines(typer));
        boolean complete = true;
        for (int cpu = 0; cpu < affinities.size(); cpu++) {
            Optional<Redistributor> found = findRedistributor(affinities.get(cpu));
            found.ifPresent(redistributors::add);
            found.ifPresent(this::wake);
            enableInterface(cpu);
            complete &= found.isPresent();
        }
        return complete;
    }

    private void initialiseDistributor(int lines) {
        distributor.write(Distributor.CTLR, 0);
        awaitWrites();
        distributor.groupAll(lines);
        distributor.configure(lines);
        distributor.write(Distributor.CTLR, CTLR_ARE_G1A_G1);
        awaitWrites();
        for (int intid = 32; intid < lines; intid++) {
            writeRoute(intid, 0);
        }
    }

    private void awaitWrites() {
        for (int poll = 0; poll < POLLS; poll++) {
            if ((distributor.read(Distributor.CTLR) & CTLR_RWP) == 0) {
                return;
            }
        }
    }

    private Optional<Redistributor> findRedistributor(long mpidr) {
        long affinity = (mpidr >>> 32 & 0xff) << 24 | (mpidr & 0xffffff);
        for (Region region : regions) {
            machine.read(region.base + PIDR2, 4);
            long at = region.base;
            while (at - region.base < region.size) {
                long typer = machine.read(at + GICR_TYPER, 8);
                if (typer >>> 32 == affinity) {
                    return Optional.of(new Redistributor(at, typer));
                }
                if ((typer & TYPER_LAST) != 0) {
                    break;
                }
                at += (typer & TYPER_VLPIS) != 0 ? 0x40000 : 0x20000;
            }
        }
        return Optional.empty();
    }

    private void wake(Redistributor redistributor) {
        long base = redistributor.base;
        long waker = machine.read(base + GICR_WAKER, 4);
        machine.write(base + GICR_WAKER, 4, waker & ~WAKER_PROCESSOR_SLEEP);
        for (int poll = 0; poll < POLLS; poll++) {
            if ((machine.read(base + GICR_WAKER, 4) & WAKER_CHILDREN_ASLEEP) == 0) {
                break;
            }
        }
        machine.write(base + GICR_IGROUPR0, 4, 0xffff_ffffL);
        machine.write(base + GICR_ICACTIVER0, 4, 0xffff_ffffL);
        machine.write(base + GICR_ICENABLER0, 4, 0xffff_ffffL);
        for (int i = 0; i < 32; i += 4) {
            machine.write(base + GICR_IPRIORITYR + i, 4, 0xa0a0_a0a0L);
        }
        machine.read(base + GICR_CTLR, 4);
    }

    /// An end deactivates too (EOImode 0), and Group 1 comes through whatever its priority.
    private void enableInterface(int cpu) {
        machine.writeIcc(cpu, Icc.ICC_PMR_EL1, ALL_PRIORITIES);
        machine.writeIcc(cpu, Icc.ICC_BPR1_EL1, 0);
        machine.writeIcc(cpu, Icc.ICC_CTLR_EL1, 0);
        machine.writeIcc(cpu, Icc.ICC_IGRPEN1_EL1, 1);
    }

    /// The CPUs' redistributors, those that were found, in CPU order.
    public List<Redistributor> redistributors() {
        return List.copyOf(redistributors);
    }

    /// GICD_TYPER.IDbits plus one: how many bits an INTID has.
    public int idBits() {
        return idBits;
    }

    @Override
    public void requestSpi(int intid, boolean edge, int cpu) {
        distributor.setTrigger(intid, edge);
        distributor.enable(intid);
        routeSpi(intid, cpu);
    }

    @Override
    public void routeSpi(int intid, int cpu) {
        boolean enabled = distributor.isEnabled(intid);
        if (enabled) {
            maskSpi(intid);
        }
        writeRoute(intid, cpu);
        if (enabled) {
            unmaskSpi(intid);
        }
    }

    private void writeRoute(int intid, int cpu) {
        distributor.write64(IROUTER + 8 * intid, affinities.get(cpu) & 0xff_00ff_ffffL);
    }

    @Override
    public void unmaskSpi(int intid) {
        distributor.enable(intid);
    }

    @Override
    public void maskSpi(int intid) {
        distributor.disable(intid);
        awaitWrites();
    }
}
