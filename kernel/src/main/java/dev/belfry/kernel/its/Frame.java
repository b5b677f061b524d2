package dev.belfry.kernel.its;

import dev.belfry.kernel.Machine;
import dev.belfry.model.gic.spec.Register;

/// A frame of GIC registers as its driver reaches them (IHI 0069 chapter 12, IHI 0048 chapter 4).
///
/// @param machine what the CPU can reach
/// @param base physical address of the frame
record Frame(Machine machine, long base) {

    /// The register, or the first of its array, with its own width.
    long read(Register register) {
        return machine.read(base + register.offset(), register.width());
    }

    /// Number `n` of the array.
    long read(Register register, int n) {
        return machine.read(base + register.at(n), register.width());
    }

    /// 32 bits at `offset`: the low half of a wider register, or what has no row in the map.
    long read32(int offset) {
        return machine.read(base + offset, 4);
    }

    void write(Register register, long value) {
        machine.write(base + register.offset(), register.width(), value);
    }

    void write(Register register, int n, long value) {
        machine.write(base + register.at(n), register.width(), value);
    }

    /// 32 bits at `offset`: the low half of a wider register, or four of one byte each.
    void write32(int offset, long value) {
        machine.write(base + offset, 4, value);
    }
}
