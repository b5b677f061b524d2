package dev.belfry.lab.check;

import dev.belfry.vmm.machine.Severity;
import java.util.Locale;

/// How bad a finding is.
public enum Level {
    /// QEMU or the host's kernel refuses it.
    ERROR,
    /// It starts, and DMA or interrupts of some device were seen to be lost.
    LOST,
    /// It works, though probably not as meant.
    WARNING,
    /// Worth knowing.
    NOTE;

    static Level of(Severity severity) {
        return switch (severity) {
            case ERROR -> ERROR;
            case LOST -> LOST;
            case WARNING -> WARNING;
            case NOTE -> NOTE;
        };
    }

    /// As JSON has it.
    public String key() {
        return name().toLowerCase(Locale.ROOT);
    }
}
