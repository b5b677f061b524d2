package dev.belfry.model.smmu;

/// The SMMU's wired interrupts: edges, one call a pulse.
public interface SmmuInterrupts {
    /// Which line.
    enum Line {
        EVENTQ,
        PRIQ,
        CMD_SYNC,
        GERROR
    }

    /// Nothing is wired.
    SmmuInterrupts NONE = line -> {};

    /// Pulses `line`.
    void pulse(Line line);
}
