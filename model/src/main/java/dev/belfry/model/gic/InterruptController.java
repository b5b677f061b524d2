package dev.belfry.model.gic;

/// What a CPU and the wires see of a GIC: lines in, acknowledged interrupts out.
public interface InterruptController {
    /// Nothing is pending (the special INTID of IHI 0069).
    int SPURIOUS = 1023;

    /// Drives the line of a shared peripheral interrupt.
    ///
    /// @param intid 32..1019
    void setLine(int intid, boolean level);

    /// Raises and lowers the line: an edge.
    default void pulse(int intid) {
        setLine(intid, true);
        setLine(intid, false);
    }

    /// The CPU takes its highest-priority pending interrupt (ICC_IAR1_EL1, GICC_IAR).
    ///
    /// @return an INTID, or [#SPURIOUS]
    int acknowledge(int cpu);

    /// The CPU is done with `intid` (ICC_EOIR1_EL1, GICC_EOIR).
    void endOfInterrupt(int cpu, int intid);
}
