package dev.belfry.host.kvm;

import dev.belfry.kernel.Machine;
import dev.belfry.model.gic.GicV3;
import dev.belfry.model.gic.Its;
import dev.belfry.model.gic.spec.Icc;
import dev.belfry.model.memory.AddressMap;

/// A guest's machine as QEMU's virt lays it out: RAM, GICD, GICR, one ITS.
public final class GuestMachine implements Machine {

    static final long GICD = 0x0800_0000L;
    static final long ITS = 0x0808_0000L;
    static final long GICR = 0x080a_0000L;

    private final AddressMap map = new AddressMap();
    private final GicV3 gic;
    private final long ramBase;
    private final long ramSize;

    GuestMachine(KvmVm vm, Its its, long ramBase, long ramSize) {
        this.gic = vm.gic().orElseThrow();
        this.ramBase = ramBase;
        this.ramSize = ramSize;
        map.addMemory("RAM", ramBase, ramSize, vm.guestMemory());
        map.addDevice("GICD", GICD, gic.distributor());
        map.addDevice("ITS", ITS, its);
        map.addDevice("GICR", GICR, gic.redistributors());
    }

    @Override
    public long read(long address, int width) {
        return map.read(address, width);
    }

    @Override
    public void write(long address, int width, long value) {
        map.write(address, width, value);
    }

    @Override
    public byte[] readBytes(long address, int length) {
        byte[] out = new byte[length];
        map.readBytes(address, out, 0, length);
        return out;
    }

    @Override
    public void writeBytes(long address, byte[] bytes) {
        map.writeBytes(address, bytes, 0, bytes.length);
    }

    @Override
    public long ramBase() {
        return ramBase;
    }

    @Override
    public long ramSize() {
        return ramSize;
    }

    @Override
    public int cpus() {
        return gic.cpus();
    }

    @Override
    public void writeIcc(int cpu, Icc register, long value) {
        gic.writeIcc(cpu, register, value);
    }

    @Override
    public int acknowledge(int cpu) {
        return gic.acknowledge(cpu);
    }

    @Override
    public void endOfInterrupt(int cpu, int intid) {
        gic.endOfInterrupt(cpu, intid);
    }
}
