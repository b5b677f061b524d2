package dev.belfry.kernel;

import dev.belfry.model.gic.spec.Icc;

/// A machine as kernel code on its CPUs sees it: physical memory and registers by address and
/// width, and the interrupts its CPUs take. Nothing else: whatever a kernel wants, it gets through
/// these.
///
/// Belfry's own machine implements it, and so does a real QEMU behind qtest.
public interface Machine {

    /// Reads `width` bytes (1, 2, 4 or 8) at a physical address with one access, zero-extended.
    long read(long address, int width);

    /// Writes the low `width` bytes of `value` with one access.
    void write(long address, int width, long value);

    /// As [#write(long, int, long)], from a CPU of choice: some registers are another one for each
    /// CPU. A machine that cannot tell its CPUs apart takes it for the first one's.
    default void writeFrom(int cpu, long address, int width, long value) {
        if (cpu == 0) {
            write(address, width, value);
        }
    }

    /// CPU `cpu` writes a system register of its GIC CPU interface. A machine that is driven
    /// without its CPUs, as a QEMU under qtest, has none.
    default void writeIcc(int cpu, Icc register, long value) {}

    /// Reads `length` bytes of RAM.
    byte[] readBytes(long address, int length);

    /// Writes bytes to RAM.
    void writeBytes(long address, byte[] bytes);

    /// RAM's first byte.
    long ramBase();

    /// RAM's size in bytes.
    long ramSize();

    /// How many CPUs there are.
    int cpus();

    /// CPU `cpu` takes its highest-priority pending interrupt: an INTID, 1023 when there is none.
    int acknowledge(int cpu);

    /// CPU `cpu` is done with `intid`.
    void endOfInterrupt(int cpu, int intid);
}
