package dev.belfry.vmm.virt;

import dev.belfry.model.gic.GicV2;
import dev.belfry.model.memory.MmioDevice;

/// GICC of a machine whose address space does not know which CPU accesses it: what a kernel writes
/// there on each CPU as that comes up is written to all of them at once; reads are CPU 0's.
/// Acknowledging goes by the interrupt controller's own port, CPU by CPU.
///
/// @param gic whose interfaces
record EveryCpuInterface(GicV2 gic) implements MmioDevice {

    @Override
    public long size() {
        return gic.cpuInterface(0).size();
    }

    @Override
    public boolean accepts(long offset, int width) {
        return gic.cpuInterface(0).accepts(offset, width);
    }

    @Override
    public long read(long offset, int width) {
        return gic.cpuInterface(0).read(offset, width);
    }

    @Override
    public void write(long offset, int width, long value, int requester) {
        for (int cpu = 0; cpu < gic.cpus(); cpu++) {
            gic.cpuInterface(cpu).write(offset, width, value, requester);
        }
    }
}
