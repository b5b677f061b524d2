package dev.belfry.kernel;

import dev.belfry.model.memory.AddressMap;
import dev.belfry.model.memory.MmioDevice;
import dev.belfry.model.memory.PhysicalMemory;
import dev.belfry.model.memory.SparseRam;
import java.util.ArrayList;
import java.util.List;

/// RAM from 1 GiB on and devices; accesses to devices are written down.
public final class TestMachine implements Machine {

    /// An access to a device.
    public record Access(boolean write, String device, long offset, long value, int width) {
        @Override
        public String toString() {
            return "%s %s %#x %#x %d"
                    .formatted(device, write ? "write" : "read", offset, value, width);
        }
    }

    public static final long RAM_BASE = 0x4000_0000L;

    private final AddressMap map = new AddressMap();
    private final long ramSize;
    private final int cpus;
    private final List<Access> accesses = new ArrayList<>();

    public TestMachine(long ramSize, int cpus) {
        this.ramSize = ramSize;
        this.cpus = cpus;
        map.addMemory("ram", RAM_BASE, ramSize, new SparseRam(RAM_BASE, ramSize));
    }

    public void add(String name, long base, MmioDevice device) {
        map.addDevice(name, base, device);
    }

    public List<Access> accessesTo(String device) {
        return accesses.stream().filter(a -> a.device.equals(device)).toList();
    }

    private void note(boolean write, long address, long value, int width) {
        for (AddressMap.Region region : map.regions()) {
            boolean inside = address >= region.base() && address - region.base() < region.size();
            if (region.mmio() && inside) {
                long offset = address - region.base();
                accesses.add(new Access(write, region.name(), offset, value, width));
            }
        }
    }

    @Override
    public long read(long address, int width) {
        long value = map.read(address, width);
        note(false, address, value, width);
        return value;
    }

    @Override
    public void write(long address, int width, long value) {
        note(true, address, value, width);
        map.write(address, width, value, PhysicalMemory.CPU);
    }

    @Override
    public byte[] readBytes(long address, int length) {
        byte[] bytes = new byte[length];
        map.readBytes(address, bytes, 0, length);
        return bytes;
    }

    @Override
    public void writeBytes(long address, byte[] bytes) {
        map.writeBytes(address, bytes, 0, bytes.length);
    }

    @Override
    public long ramBase() {
        return RAM_BASE;
    }

    @Override
    public long ramSize() {
        return ramSize;
    }

    @Override
    public int cpus() {
        return cpus;
    }

    @Override
    public int acknowledge(int cpu) {
        return 1023;
    }

    @Override
    public void endOfInterrupt(int cpu, int intid) {}
}
