package dev.belfry.kernel.its;

import static dev.belfry.model.gic.spec.Gicc.GICC_CTLR;
import static dev.belfry.model.gic.spec.Gicc.GICC_PMR;
import static dev.belfry.model.gic.spec.Gicd.GICD_CTLR;
import static dev.belfry.model.gic.spec.Gicd.GICD_ITARGETSR;

import dev.belfry.kernel.Machine;

/// GICv2's distributor and CPU interfaces.
public final class GicV2 implements SpiController {

    private static final long ENABLE = 1;
    private static final long ALL_PRIORITIES = 0xf0;
    private static final long TO_CPU_0 = 0x0101_0101L;
    private static final int MAX_CPUS = 8;

    private final Machine machine;
    private final Frame frame;
    private final Distributor distributor;
    private final long cpuInterface;

    public GicV2(Machine machine, long distributor, long cpuInterface) {
        this.machine = machine;
        this.frame = new Frame(machine, distributor);
        this.distributor = new Distributor(frame);
        this.cpuInterface = cpuInterface;
    }

    /// Brings up the distributor and every CPU's interface.
    public void initialise() {
        int intids = distributor.typer().intids();
        frame.write(GICD_CTLR, 0);
        for (int intid = Distributor.FIRST_SPI; intid < intids; intid += 4) {
            frame.write32(GICD_ITARGETSR.at(intid), TO_CPU_0);
        }
        distributor.configure(intids);
        frame.write(GICD_CTLR, ENABLE);
        for (int cpu = 0; cpu < Math.min(MAX_CPUS, machine.cpus()); cpu++) {
            machine.writeFrom(cpu, cpuInterface + GICC_PMR.offset(), 4, ALL_PRIORITIES);
            machine.writeFrom(cpu, cpuInterface + GICC_CTLR.offset(), 4, ENABLE);
        }
    }

    @Override
    public void requestSpi(int intid, boolean edge, int cpu) {
        distributor.setTrigger(intid, edge);
        distributor.enable(intid);
        routeSpi(intid, cpu);
    }

    @Override
    public void routeSpi(int intid, int cpu) {
        if (cpu < MAX_CPUS) {
            frame.write(GICD_ITARGETSR, intid, 1L << cpu);
        }
    }

    @Override
    public void unmaskSpi(int intid) {
        distributor.enable(intid);
    }

    @Override
    public void maskSpi(int intid) {
        distributor.disable(intid);
    }
}
