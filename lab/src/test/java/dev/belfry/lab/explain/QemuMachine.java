package dev.belfry.lab.explain;

import dev.belfry.kernel.Machine;
import dev.belfry.qemu.guestport.QtestMachine;

/// A real QEMU as the machine that a kernel drives.
public record QemuMachine(QtestMachine qemu) implements Machine {

    @Override
    public long read(long address, int width) {
        return qemu.read(address, width);
    }

    @Override
    public void write(long address, int width, long value) {
        qemu.write(address, width, value);
    }

    @Override
    public byte[] readBytes(long address, int length) {
        return qemu.readBytes(address, length);
    }

    @Override
    public void writeBytes(long address, byte[] bytes) {
        qemu.writeBytes(address, bytes);
    }

    @Override
    public long ramBase() {
        return qemu.ramBase();
    }

    @Override
    public long ramSize() {
        return qemu.ramSize();
    }

    @Override
    public int cpus() {
        return qemu.cpus();
    }

    @Override
    public int acknowledge(int cpu) {
        return qemu.acknowledge(cpu);
    }

    @Override
    public void endOfInterrupt(int cpu, int intid) {
        qemu.endOfInterrupt(cpu, intid);
    }
}
