package dev.belfry.kernel.pci;

import dev.belfry.model.pci.spec.Bar;
import dev.belfry.model.pci.spec.ConfigRegister;

/// Finds out what BARs a function has by writing ones and reading what sticks (PCIe 7.5.1.2.1),
/// while it decodes nothing.
final class BarProbe {

    private static final int DECODE = 3;
    private static final int ROM = 0x30;
    private static final int BRIDGE_ROM = 0x38;
    private static final long ROM_MASK = 0xffff_f800L;

    private final ConfigAccess config;

    BarProbe(ConfigAccess config) {
        this.config = config;
    }

    void probe(PciFunction function) {
        int id = function.routingId();
        int count = function.isBridge() ? 2 : 6;
        for (int index = 0; index < count; index++) {
            int command = config.read(id, ConfigRegister.COMMAND);
            if ((command & DECODE) != 0) {
                config.write(id, ConfigRegister.COMMAND, command & ~DECODE);
            }
            boolean wide = probe(function, index, index + 1 < count);
            if ((command & DECODE) != 0) {
                config.write(id, ConfigRegister.COMMAND, command);
            }
            index += wide ? 1 : 0;
        }
        int rom = function.isBridge() ? BRIDGE_ROM : ROM;
        write(id, rom, config.read(id, rom, 4), ROM_MASK);
    }

    /// @return whether the BAR took the next register as well
    private boolean probe(PciFunction function, int index, boolean hasNext) {
        int id = function.routingId();
        int offset = ConfigRegister.bar(index);
        int old = config.read(id, offset, 4);
        int sticks = ones(id, offset, old);
        if (sticks == 0) {
            return false;
        }
        if (Bar.IO_SPACE.isSet(old)) {
            long mask = Bar.IO_ADDRESS.inPlace(sticks);
            add(function, index, Bar.Kind.IO, false, mask | ~0xffffL, Bar.IO_ADDRESS.inPlace(old));
            return false;
        }
        boolean prefetchable = Bar.PREFETCHABLE.isSet(old);
        boolean wide = Bar.TYPE.get(old) == Bar.TYPE_64 && hasNext;
        long mask = Bar.MEMORY_ADDRESS.inPlace(sticks);
        long address = Bar.MEMORY_ADDRESS.inPlace(old);
        if (!wide) {
            add(function, index, Bar.Kind.MEMORY_32, prefetchable, mask | -1L << 32, address);
            return false;
        }
        int oldHigh = config.read(id, offset + 4, 4);
        long high = (long) ones(id, offset + 4, oldHigh) << 32;
        address |= (long) oldHigh << 32;
        add(function, index, Bar.Kind.MEMORY_64, prefetchable, mask | high, address);
        return true;
    }

    private void add(
            PciFunction function,
            int index,
            Bar.Kind kind,
            boolean prefetchable,
            long mask,
            long address) {
        long size = Long.lowestOneBit(mask);
        if (size > 0) {
            function.addBar(new BarResource(index, kind, prefetchable, size, address));
        }
    }

    private int ones(int id, int offset, int old) {
        return write(id, offset, old, -1);
    }

    /// Writes `probe`, reads what sticks, restores `old`.
    private int write(int id, int offset, int old, long probe) {
        config.write(id, offset, 4, probe);
        int sticks = config.read(id, offset, 4);
        config.write(id, offset, 4, old);
        return sticks;
    }
}
