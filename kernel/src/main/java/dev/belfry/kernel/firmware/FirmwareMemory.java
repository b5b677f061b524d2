package dev.belfry.kernel.firmware;

import dev.belfry.kernel.Machine;
import dev.belfry.model.bits.Hex;

/// Memory in which firmware tables lie.
@FunctionalInterface
public interface FirmwareMemory {

    /// Reads bytes.
    ///
    /// @param address physical
    /// @param length in bytes, more than 0
    /// @return exactly `length` bytes
    /// @throws FirmwareError when not all of them are memory
    byte[] read(long address, int length);

    /// A machine's RAM.
    static FirmwareMemory of(Machine machine) {
        return (address, length) -> {
            long offset = address - machine.ramBase();
            long size = machine.ramSize();
            boolean inside =
                    Long.compareUnsigned(offset, size) < 0
                            && Long.compareUnsigned(size - offset, length) >= 0;
            if (!inside) {
                throw new FirmwareError(Hex.of(address) + " is not RAM");
            }
            return machine.readBytes(address, length);
        };
    }
}
