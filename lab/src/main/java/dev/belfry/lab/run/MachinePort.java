package dev.belfry.lab.run;

import dev.belfry.kernel.Machine;
import dev.belfry.model.gic.InterruptController;
import dev.belfry.model.gic.spec.Icc;
import dev.belfry.model.memory.PhysicalMemory;

/// Joins a kernel to a modelled machine: what its CPUs reach.
///
/// @param bus the physical address space
/// @param interrupts the interrupt controller's CPU side
/// @param ramBase first byte of RAM
/// @param ramSize bytes of RAM
/// @param cpus how many
record MachinePort(
        PhysicalMemory bus, InterruptController interrupts, long ramBase, long ramSize, int cpus)
        implements Machine {

    @Override
    public long read(long address, int width) {
        return bus.read(address, width);
    }

    @Override
    public void write(long address, int width, long value) {
        bus.write(address, width, value);
    }

    @Override
    public void writeFrom(int cpu, long address, int width, long value) {
        bus.write(address, width, value, PhysicalMemory.cpu(cpu));
    }

    @Override
    public byte[] readBytes(long address, int length) {
        byte[] bytes = new byte[length];
        bus.readBytes(address, bytes, 0, length);
        return bytes;
    }

    @Override
    public void writeBytes(long address, byte[] bytes) {
        bus.writeBytes(address, bytes, 0, bytes.length);
    }

    @Override
    public void writeIcc(int cpu, Icc register, long value) {
        interrupts.writeIcc(cpu, register, value);
    }

    @Override
    public int acknowledge(int cpu) {
        return interrupts.acknowledge(cpu);
    }

    @Override
    public void endOfInterrupt(int cpu, int intid) {
        interrupts.endOfInterrupt(cpu, intid);
    }
}
