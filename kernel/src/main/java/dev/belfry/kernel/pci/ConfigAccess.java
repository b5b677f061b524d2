package dev.belfry.kernel.pci;

import dev.belfry.kernel.Machine;
import dev.belfry.model.pci.spec.ConfigRegister;
import dev.belfry.model.pci.spec.ConfigSpace;

/// Configuration space through ECAM (PCIe 7.2.2).
public final class ConfigAccess {

    private final Machine machine;
    private final long ecamBase;
    private final int firstBus;

    /// @param ecamBase configuration space of `firstBus`
    public ConfigAccess(Machine machine, long ecamBase, int firstBus) {
        this.machine = machine;
        this.ecamBase = ecamBase;
        this.firstBus = firstBus;
    }

    private long address(int routingId, int offset) {
        return ecamBase + ((long) (routingId - (firstBus << 8)) << 12) + offset;
    }

    /// Reads 1, 2 or 4 bytes, zero-extended.
    public int read(int routingId, int offset, int width) {
        return (int) machine.read(address(routingId, offset), width);
    }

    /// Reads a register of the header.
    public int read(int routingId, ConfigRegister register) {
        return read(routingId, register.offset(), register.width());
    }

    /// Writes 1, 2 or 4 bytes.
    public void write(int routingId, int offset, int width, long value) {
        long mask = width == 4 ? 0xffff_ffffL : (1L << (8 * width)) - 1;
        machine.write(address(routingId, offset), width, value & mask);
    }

    /// Writes a register of the header.
    public void write(int routingId, ConfigRegister register, long value) {
        write(routingId, register.offset(), register.width(), value);
    }

    /// A function's configuration space to look at.
    public ConfigSpace space(int routingId) {
        return new ConfigSpace(
                ConfigSpace.EXPRESS, (offset, width) -> read(routingId, offset, width));
    }
}
