package dev.belfry.model.gic;

import dev.belfry.model.gic.spec.Icc;
import java.util.function.IntConsumer;

/// What a CPU and the wires see of a GIC: lines in, acknowledged interrupts out.
public interface InterruptController {
    /// Nothing is pending (the special INTID of IHI 0069).
    int SPURIOUS = 1023;

    /// Hardware reset, CPU interfaces too. Lines keep their levels.
    void reset();

    /// Drives the line of a shared peripheral interrupt.
    ///
    /// @param intid 32..1019
    void setLine(int intid, boolean level);

    /// Raises and lowers the line: an edge.
    default void pulse(int intid) {
        setLine(intid, true);
        setLine(intid, false);
    }

    /// The CPU writes a register of its interface. A GIC whose CPU interfaces are in memory has
    /// none and ignores it.
    default void writeIcc(int cpu, Icc register, long value) {}

    /// Calls `listener` with each shared peripheral interrupt that a CPU deactivates: by its End of
    /// Interrupt, or later by ICC_DIR_EL1 or GICC_DIR. A hypervisor hears so when a level-sensitive
    /// interrupt is to be looked at again.
    void onEnd(IntConsumer listener);

    /// The CPU takes its highest-priority pending interrupt (ICC_IAR1_EL1, GICC_IAR), if its
    /// interface lets one through.
    ///
    /// @return an INTID, or [#SPURIOUS]
    int acknowledge(int cpu);

    /// The CPU is done with `intid` (ICC_EOIR1_EL1, GICC_EOIR).
    void endOfInterrupt(int cpu, int intid);
}
