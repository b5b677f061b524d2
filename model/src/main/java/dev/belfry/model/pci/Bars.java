package dev.belfry.model.pci;

import dev.belfry.model.pci.spec.Bar;
import dev.belfry.model.pci.spec.ConfigRegister;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/// The BARs of a function: what is behind each, and where software placed it.
final class Bars {

    private static final int REGISTERS = 6;

    private final ConfigStore config;

    /// How many registers of the header are BARs: 6, of a bridge 2.
    private final int count;

    /// By register; a 64-bit BAR stands in both of its.
    private final @Nullable BarFrame[] frames = new BarFrame[REGISTERS];

    Bars(ConfigStore config, int count) {
        this.config = config;
        this.count = count;
    }

    /// See [PciFunction#addBar].
    BarFrame add(int index, Bar.Kind kind, boolean prefetchable, long size) {
        boolean wide = kind == Bar.Kind.MEMORY_64;
        int last = index + (wide ? 1 : 0);
        if (index < 0 || last >= count || frames[index] != null || frames[last] != null) {
            throw new IllegalArgumentException("BAR" + index + " is not free");
        }
        BarFrame frame = new BarFrame(index, kind, prefetchable, size);
        int at = ConfigRegister.bar(index);
        long bits = kind.bits() | (prefetchable ? Bar.PREFETCHABLE.mask() : 0);
        config.fix(at, wide ? 8 : 4, bits).writable(at, wide ? 8 : 4, -size);
        frames[index] = frame;
        frames[last] = frame;
        return frame;
    }

    /// What is behind register `index`; null when there is nothing, or no such register.
    @Nullable BarFrame frame(int index) {
        return index < 0 || index >= REGISTERS ? null : frames[index];
    }

    Optional<BarFrame> find(int index) {
        return Optional.ofNullable(frame(index));
    }

    /// Where software placed BAR `index`.
    ///
    /// @param io whether an address in I/O space is meant, else one in memory
    /// @return empty when it is not of that space or was not placed
    OptionalLong placed(int index, boolean io) {
        BarFrame frame = frame(index);
        if (frame == null || io != (frame.kind() == Bar.Kind.IO)) {
            return OptionalLong.empty();
        }
        long address = programmed(frame);
        return address == 0 ? OptionalLong.empty() : OptionalLong.of(address);
    }

    /// Adds the memory that they decode where they are now.
    void claim(BusClaims.Builder claims) {
        for (int i = 0; i < count; i++) {
            BarFrame frame = frames[i];
            if (frame != null && frame.index() == i && frame.kind() != Bar.Kind.IO) {
                claims.add(programmed(frame), frame);
            }
        }
    }

    private long programmed(BarFrame frame) {
        boolean wide = frame.kind() == Bar.Kind.MEMORY_64;
        return config.read(ConfigRegister.bar(frame.index()), wide ? 8 : 4) & -frame.size();
    }
}
