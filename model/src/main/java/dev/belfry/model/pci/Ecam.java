package dev.belfry.model.pci;

import dev.belfry.model.bits.Bits;
import dev.belfry.model.bits.Field;
import dev.belfry.model.memory.MmioDevice;

/// The Enhanced Configuration Access Mechanism (PCIe 7.2.2).
///
/// @param segment whose functions
/// @param buses how many, from bus 0
record Ecam(PciSegment segment, int buses) implements MmioDevice {

    private static final Field ROUTING_ID = Field.bits(27, 12);
    private static final Field REGISTER = Field.bits(11, 0);

    @Override
    public long size() {
        return (long) buses << 20;
    }

    @Override
    public long read(long offset, int width) {
        PciFunction function = segment.function(ROUTING_ID.getInt(offset));
        return function == null
                ? Bits.lowMask(8 * width)
                : function.configRead(REGISTER.getInt(offset), width);
    }

    /// A write of 8 bytes becomes two of 4: configuration requests have one doubleword.
    @Override
    public void write(long offset, int width, long value, int requester) {
        PciFunction function = segment.function(ROUTING_ID.getInt(offset));
        if (function == null) {
            return;
        }
        int register = REGISTER.getInt(offset);
        if (width <= 4) {
            function.configWrite(register, width, value & Bits.lowMask(8 * width));
        } else {
            function.configWrite(register, 4, value & Bits.lowMask(32));
            function.configWrite(register + 4, 4, value >>> 32);
        }
    }
}
