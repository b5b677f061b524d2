package dev.belfry.model.smmu;

/// The SMMU's wires: interrupts, which are edges, one call a pulse, and the PEs' wake-up event.
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

    /// Wakes PEs that wait in WFE, where IDR0.SEV says that the system can (4.1.2, 4.7.3).
    default void wakeUp() {}
}
