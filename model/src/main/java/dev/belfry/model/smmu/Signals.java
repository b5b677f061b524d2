package dev.belfry.model.smmu;

import dev.belfry.model.bits.Bits;
import dev.belfry.model.bits.Field;
import dev.belfry.model.memory.PhysicalMemory;
import dev.belfry.model.smmu.spec.SmmuRegister;
import dev.belfry.model.smmu.spec.SmmuRegister.Gerror;
import dev.belfry.model.smmu.spec.SmmuRegister.Idr0;
import dev.belfry.model.smmu.spec.SmmuRegister.IrqCfg;
import dev.belfry.model.smmu.spec.SmmuRegister.IrqCtrl;

/// Global errors, and the interrupts of all sources: a wired edge, and an MSI where one is
/// configured (IHI 0070 3.18, 7.5).
final class Signals {

    private final SmmuIdentity id;
    private final RegisterFile registers;
    private final PhysicalMemory memory;
    private final SmmuInterrupts interrupts;
    private final int msiDevice;

    Signals(
            SmmuIdentity id,
            RegisterFile registers,
            PhysicalMemory memory,
            SmmuInterrupts interrupts,
            int msiDevice) {
        this.id = id;
        this.registers = registers;
        this.memory = memory;
        this.interrupts = interrupts;
        this.msiDevice = msiDevice;
    }

    /// Whether an error waits to be acknowledged.
    boolean active(Field error) {
        return error.isSet(
                registers.get(SmmuRegister.GERROR) ^ registers.get(SmmuRegister.GERRORN));
    }

    /// Activates an error, by toggling its bit unless it is active.
    void error(Field error) {
        if (active(error)) {
            return;
        }
        registers.set(SmmuRegister.GERROR, registers.get(SmmuRegister.GERROR) ^ error.mask());
        // A second MSI to where the first one failed would fail as well (7.5.1).
        if (!error.equals(Gerror.MSI_GERROR_ABT_ERR)) {
            raise(SmmuInterrupts.Line.GERROR);
        }
    }

    /// Raises the interrupt of a source, if it is enabled.
    void raise(SmmuInterrupts.Line line) {
        long enabled = registers.get(SmmuRegister.IRQ_CTRLACK);
        switch (line) {
            case GERROR -> {
                if (IrqCtrl.GERROR_IRQEN.isSet(enabled)) {
                    signal(
                            line,
                            SmmuRegister.GERROR_IRQ_CFG0,
                            SmmuRegister.GERROR_IRQ_CFG1,
                            Gerror.MSI_GERROR_ABT_ERR);
                }
            }
            case EVENTQ -> {
                if (IrqCtrl.EVENTQ_IRQEN.isSet(enabled)) {
                    signal(
                            line,
                            SmmuRegister.EVENTQ_IRQ_CFG0,
                            SmmuRegister.EVENTQ_IRQ_CFG1,
                            Gerror.MSI_EVENTQ_ABT_ERR);
                }
            }
            case PRIQ -> {
                if (IrqCtrl.PRIQ_IRQEN.isSet(enabled)) {
                    signal(
                            line,
                            SmmuRegister.PRIQ_IRQ_CFG0,
                            SmmuRegister.PRIQ_IRQ_CFG1,
                            Gerror.MSI_PRIQ_ABT_ERR);
                }
            }
            // CMD_SYNC has no enable (4.7.3).
            case CMD_SYNC -> interrupts.pulse(line);
        }
    }

    /// The wire is pulsed whether or not there is an MSI too (3.18.2).
    private void signal(
            SmmuInterrupts.Line line, SmmuRegister address, SmmuRegister data, Field error) {
        long target = IrqCfg.ADDR.inPlace(registers.get(address));
        if (msi() && target != 0 && !memory.write(target, 4, registers.get(data), msiDevice)) {
            error(error);
        }
        interrupts.pulse(line);
    }

    /// Completion of a CMD_SYNC with SIG_IRQ: the wire, whatever MSIAddress is, and the MSI.
    /// Whether the address is 0 is asked before it is cut to the OAS (4.7.3).
    void sync(long msiAddress, int msiData) {
        long target = msiAddress & Bits.lowMask(id.oas());
        if (msi()
                && msiAddress != 0
                && !memory.write(target, 4, msiData & 0xffff_ffffL, msiDevice)) {
            error(Gerror.MSI_CMDQ_ABT_ERR);
        }
        raise(SmmuInterrupts.Line.CMD_SYNC);
    }

    /// A WFE wake-up event, where there are any.
    void wakeUp() {
        if (id.has0(Idr0.SEV)) {
            interrupts.wakeUp();
        }
    }

    private boolean msi() {
        return id.has0(Idr0.MSI);
    }
}
