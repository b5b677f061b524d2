package dev.belfry.kernel.smmu;

import dev.belfry.kernel.Machine;
import dev.belfry.model.smmu.spec.SmmuRegister;

/// One SMMU's registers as its driver reaches them, each with its own width (IHI 0070 6.2).
///
/// @param machine what the CPU can reach
/// @param base physical address of page 0
record Registers(Machine machine, long base) {

    long read(SmmuRegister register) {
        return machine.read(base + register.offset(), register.width());
    }

    void write(SmmuRegister register, long value) {
        machine.write(base + register.offset(), register.width(), value);
    }

    /// Errors that are active and not yet acknowledged: GERROR against GERRORN.
    long activeErrors() {
        return read(SmmuRegister.GERROR) ^ read(SmmuRegister.GERRORN);
    }
}
