package dev.belfry.vmm.machine;

import dev.belfry.vmm.cmdline.Quantities;
import java.util.Optional;

/// A choice that may be left to QEMU.
public enum OnOffAuto {
    ON,
    OFF,
    AUTO;

    /// Reads QEMU's spelling.
    public static Optional<OnOffAuto> of(String text) {
        return text.equals("auto")
                ? Optional.of(AUTO)
                : Quantities.bool(text).map(on -> on ? ON : OFF);
    }

    /// The choice, `AUTO` decided by `otherwise`.
    public boolean or(boolean otherwise) {
        return this == AUTO ? otherwise : this == ON;
    }
}
