package dev.belfry.model.pci.spec;

import static dev.belfry.model.bits.Field.bits;

import dev.belfry.model.bits.Field;

/// The addresses that a bridge forwards to its secondary bus (PCIe 7.5.1.3.8 and following). It is
/// closed when the base lies above the limit.
///
/// @param base first address
/// @param limit last address
public record BridgeWindow(long base, long limit) {

    /// Address bits 31:20, in the base and in the limit register.
    public static final Field ADDRESS = bits(15, 4);

    /// Port bits 15:12, in the base and in the limit register for I/O.
    public static final Field PORT = bits(7, 4);

    /// Capability bits of the prefetchable registers: 1 when the upper registers exist.
    public static final Field TYPE = bits(3, 0);

    /// The I/O window: 16-bit ports, 4 KiB granules.
    public static BridgeWindow io(int base, int limit) {
        return new BridgeWindow(PORT.inPlace(base) << 8, PORT.inPlace(limit) << 8 | 0xfffL);
    }

    /// The memory window: 32-bit addresses, 1 MiB granules.
    public static BridgeWindow memory(int base, int limit) {
        return new BridgeWindow(
                ADDRESS.inPlace(base) << 16, ADDRESS.inPlace(limit) << 16 | 0xf_ffffL);
    }

    /// The prefetchable window: 64-bit addresses when the registers say so.
    public static BridgeWindow prefetchable(int base, int limit, int baseUpper, int limitUpper) {
        BridgeWindow low = memory(base, limit);
        long b = low.base | (TYPE.get(base) == 1 ? (long) baseUpper << 32 : 0);
        long l = low.limit | (TYPE.get(limit) == 1 ? (long) limitUpper << 32 : 0);
        return new BridgeWindow(b, l);
    }

    public boolean isOpen() {
        return Long.compareUnsigned(base, limit) <= 0;
    }

    public boolean contains(long address) {
        return Long.compareUnsigned(base, address) <= 0
                && Long.compareUnsigned(address, limit) <= 0;
    }
}
