package dev.belfry.host.memory;

import dev.belfry.kernel.Machine;
import dev.belfry.model.memory.MmioDevice;

/// Registers of a device as a process sees them that mapped them.
///
/// @param machine the physical machine
/// @param base physical address
/// @param size bytes
public record PhysicalFrame(Machine machine, long base, long size) implements MmioDevice {

    @Override
    public long read(long offset, int width) {
        return machine.read(base + offset, width);
    }

    @Override
    public void write(long offset, int width, long value, int requester) {
        machine.write(base + offset, width, value);
    }
}
