package dev.belfry.lab.check;

import java.util.Collection;
import java.util.Locale;

/// What comes of a command line.
public enum Verdict {
    /// It starts, and all that was tried works.
    OK,
    /// The same, with something that is probably not meant.
    WARNING,
    /// It starts, and DMA or interrupts of some device are lost.
    LOST,
    /// QEMU or the host's kernel refuses it.
    REFUSED;

    /// The verdict that findings make.
    public static Verdict of(Collection<Finding> findings) {
        Verdict worst = OK;
        for (Finding f : findings) {
            Verdict one = of(f.level());
            worst = one.compareTo(worst) > 0 ? one : worst;
        }
        return worst;
    }

    private static Verdict of(Level level) {
        return switch (level) {
            case ERROR -> REFUSED;
            case LOST -> LOST;
            case WARNING -> WARNING;
            case NOTE -> OK;
        };
    }

    /// As JSON has it.
    public String key() {
        return name().toLowerCase(Locale.ROOT);
    }

    /// Whether it works.
    public boolean works() {
        return this == OK || this == WARNING;
    }
}
