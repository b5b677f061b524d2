package dev.belfry.kernel.its;

import dev.belfry.kernel.Machine;

/// GICv2's distributor and CPU interfaces.
public final class GicV2 implements SpiController {

    private static final int ITARGETSR = 0x800;
    private static final int GICC_CTLR = 0x0;
    private static final int GICC_PMR = 0x4;
    private static final long ENABLE = 1;
    private static final long ALL_PRIORITIES = 0xf0;
    private static final int MAX_CPUS = 8;

    private final Machine machine;
    private final Distributor distributor;
    private final long cpuInterface;

    public GicV2(Machine machine, long distributor, long cpuInterface) {
        this.machine = machine;
        this.distributor = new Distributor(machine, distributor);
        this.cpuInterface = cpuInterface;
    }

    /// Brings up the distributor and every CPU's interface.
    public void initialise() {
        int lines = distributor.lines(distributor.read(Distributor.TYPER));
        distributor.write(Distributor.CTLR, 0);
        for (int intid = 32; intid < lines; intid += 4) {
            distributor.write(ITARGETSR + intid, 0x0101_0101L);
        }
        distributor.configure(lines);
        distributor.write(Distributor.CTLR, ENABLE);
        for (int cpu = 0; cpu < Math.min(MAX_CPUS, machine.cpus()); cpu++) {
            machine.writeFrom(cpu, cpuInterface + GICC_PMR, 4, ALL_PRIORITIES);
            machine.writeFrom(cpu, cpuInterface + GICC_CTLR, 4, ENABLE);
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
            distributor.write8(ITARGETSR + intid, 1L << cpu);
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
