package dev.belfry.kernel.its;

import static dev.belfry.model.gic.spec.Gicd.GICD_CTLR;
import static dev.belfry.model.gic.spec.Gicd.GICD_IIDR;
import static dev.belfry.model.gic.spec.Gicd.GICD_IROUTER;
import static dev.belfry.model.gic.spec.Gicd.GICD_TYPER2;
import static dev.belfry.model.gic.spec.Gicr.GICR_CTLR;
import static dev.belfry.model.gic.spec.Gicr.GICR_ICACTIVER0;
import static dev.belfry.model.gic.spec.Gicr.GICR_ICENABLER0;
import static dev.belfry.model.gic.spec.Gicr.GICR_IGROUPR0;
import static dev.belfry.model.gic.spec.Gicr.GICR_IPRIORITYR;
import static dev.belfry.model.gic.spec.Gicr.GICR_TYPER;
import static dev.belfry.model.gic.spec.Gicr.GICR_WAKER;

import dev.belfry.kernel.Machine;
import dev.belfry.model.gic.spec.GicdCtlr;
import dev.belfry.model.gic.spec.GicdTyper;
import dev.belfry.model.gic.spec.Gicr;
import dev.belfry.model.gic.spec.GicrCtlr;
import dev.belfry.model.gic.spec.GicrTyper;
import dev.belfry.model.gic.spec.Gits;
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
    /// @param typer what it says of itself
    public record Redistributor(long base, GicrTyper typer) {}

    private static final long CTLR_ARE_G1A_G1 =
            GicdCtlr.ARE.mask() | GicdCtlr.ENABLE_GRP1.mask() | GicdCtlr.ENABLE_GRP0.mask();
    private static final int POLLS = 1000;
    private static final long ALL_PRIORITIES = 0xf0;

    private final Machine machine;
    private final Frame frame;
    private final Distributor distributor;
    private final List<Region> regions;
    private final List<Long> affinities;
    private final List<Redistributor> redistributors = new ArrayList<>();
    private int idBits;

    /// @param mpidrs affinity fields of the CPUs, in the machine's order
    public GicV3(Machine machine, long distributor, List<Region> regions, List<Long> mpidrs) {
        this.machine = machine;
        this.frame = new Frame(machine, distributor);
        this.distributor = new Distributor(frame);
        this.regions = List.copyOf(regions);
        this.affinities = List.copyOf(mpidrs);
    }

    /// Brings up the distributor and every CPU's redistributor.
    ///
    /// @return false when a CPU has no redistributor; its LPIs and PPIs cannot be used
    public boolean initialise() {
        frame.read32(Gits.PIDR2);
        GicdTyper typer = distributor.typer();
        frame.read(GICD_IIDR);
        frame.read(GICD_TYPER2);
        idBits = typer.idBits();
        initialiseDistributor(typer.intids());
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

    private void initialiseDistributor(int intids) {
        frame.write(GICD_CTLR, 0);
        awaitWrites();
        distributor.groupAll(intids);
        distributor.configure(intids);
        frame.write(GICD_CTLR, CTLR_ARE_G1A_G1);
        awaitWrites();
        for (int intid = Distributor.FIRST_SPI; intid < intids; intid++) {
            writeRoute(intid, 0);
        }
    }

    private void awaitWrites() {
        for (int poll = 0; poll < POLLS; poll++) {
            if (!GicdCtlr.RWP.isSet(frame.read(GICD_CTLR))) {
                return;
            }
        }
    }

    private Optional<Redistributor> findRedistributor(long mpidr) {
        int affinity = (int) ((mpidr >>> 32 & 0xff) << 24 | (mpidr & 0xffffff));
        for (Region region : regions) {
            machine.read(region.base + Gits.PIDR2, 4);
            long at = region.base;
            while (at - region.base < region.size) {
                GicrTyper typer = new GicrTyper(new Frame(machine, at).read(GICR_TYPER));
                if (typer.affinity() == affinity) {
                    return Optional.of(new Redistributor(at, typer));
                }
                if (typer.last()) {
                    break;
                }
                at += GicrTyper.VLPIS.isSet(typer.value()) ? Gicr.SIZE_WITH_VLPIS : Gicr.SIZE;
            }
        }
        return Optional.empty();
    }

    private void wake(Redistributor redistributor) {
        Frame rd = new Frame(machine, redistributor.base);
        rd.write(GICR_WAKER, rd.read(GICR_WAKER) & ~GicrCtlr.WAKER_PROCESSOR_SLEEP.mask());
        for (int poll = 0; poll < POLLS; poll++) {
            if (!GicrCtlr.WAKER_CHILDREN_ASLEEP.isSet(rd.read(GICR_WAKER))) {
                break;
            }
        }
        rd.write(GICR_IGROUPR0, Distributor.ALL);
        rd.write(GICR_ICACTIVER0, Distributor.ALL);
        rd.write(GICR_ICENABLER0, Distributor.ALL);
        for (int intid = 0; intid < Distributor.FIRST_SPI; intid += 4) {
            rd.write32(GICR_IPRIORITYR.at(intid), Distributor.PRIORITIES);
        }
        rd.read(GICR_CTLR);
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
        frame.write(GICD_IROUTER, intid, affinities.get(cpu) & 0xff_00ff_ffffL);
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
