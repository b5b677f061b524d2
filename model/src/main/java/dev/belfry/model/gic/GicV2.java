package dev.belfry.model.gic;

import dev.belfry.model.memory.MmioDevice;
import dev.belfry.model.memory.PhysicalMemory;
import java.util.List;
import java.util.function.IntConsumer;

/// A GICv2 (IHI 0048) as far as SPIs go: the Distributor and up to 8 CPU interfaces.
///
/// Not modelled: SGIs, Security and virtualisation extensions. Writes say which CPU makes them
/// ([PhysicalMemory#cpu]), reads do not: those of banked registers are CPU 0's.
public final class GicV2 implements InterruptController {

    /// What a GICv2 is made of.
    ///
    /// @param cpus 1..8
    /// @param spis how many SPIs, a multiple of 32, at most 960
    public record Setup(int cpus, int spis) {
        public Setup {
            if (cpus < 1 || cpus > 8 || spis < 0 || spis > 960 || spis % 32 != 0) {
                throw new IllegalArgumentException("no such GIC: " + cpus + " CPUs, " + spis);
            }
        }
    }

    private final GicV2Distributor distributor;
    private final GicV2CpuInterface[] interfaces;

    public GicV2(Setup setup) {
        distributor = new GicV2Distributor(setup.cpus(), setup.spis() + 32);
        interfaces = new GicV2CpuInterface[setup.cpus()];
        for (int i = 0; i < setup.cpus(); i++) {
            interfaces[i] = new GicV2CpuInterface(distributor, i);
        }
    }

    /// Hardware reset.
    @Override
    public void reset() {
        distributor.reset();
        for (GicV2CpuInterface face : interfaces) {
            face.reset();
        }
    }

    /// GICD_*: 64 KiB, of which the first 4 KiB hold registers.
    public MmioDevice distributor() {
        return distributor;
    }

    /// GICC_*: 8 KiB at which each CPU finds its own interface.
    public MmioDevice cpuInterfaces() {
        return new Banked(List.of(interfaces));
    }

    /// GICC_* of a CPU, whoever accesses it.
    public MmioDevice cpuInterface(int cpu) {
        return interfaces[cpu];
    }

    /// How many CPUs there are.
    public int cpus() {
        return interfaces.length;
    }

    @Override
    public void setLine(int intid, boolean level) {
        if (intid >= 32 && intid < distributor.bank().words() * 32) {
            distributor.bank().setLine(intid, level);
        }
    }

    @Override
    public int acknowledge(int cpu) {
        return cpu >= 0 && cpu < cpus() ? interfaces[cpu].acknowledge() : SPURIOUS;
    }

    @Override
    public void onEnd(IntConsumer listener) {
        distributor.bank().onEnd(listener);
    }

    @Override
    public void endOfInterrupt(int cpu, int intid) {
        if (cpu >= 0 && cpu < cpus()) {
            interfaces[cpu].end(intid);
        }
    }

    /// One frame, and a device a CPU behind it.
    private record Banked(List<GicV2CpuInterface> interfaces) implements MmioDevice {

        @Override
        public long size() {
            return interfaces.getFirst().size();
        }

        @Override
        public long read(long offset, int width) {
            return interfaces.getFirst().read(offset, width);
        }

        @Override
        public void write(long offset, int width, long value, int requester) {
            int cpu = PhysicalMemory.cpuOf(requester);
            if (cpu >= 0 && cpu < interfaces.size()) {
                interfaces.get(cpu).write(offset, width, value, requester);
            }
        }
    }
}
