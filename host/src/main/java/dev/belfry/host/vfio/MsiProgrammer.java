package dev.belfry.host.vfio;

import dev.belfry.host.msi.MsiMessage;
import dev.belfry.kernel.pci.ConfigAccess;
import dev.belfry.model.pci.spec.MsiCapability;

/// MSI: one message in configuration space; the vector's number is added to its data.
final class MsiProgrammer implements VectorProgrammer {

    private final ConfigAccess config;
    private final int id;
    private final MsiCapability capability;
    private int enabledLog2;

    MsiProgrammer(ConfigAccess config, int id, MsiCapability capability) {
        this.config = config;
        this.id = id;
        this.capability = capability;
    }

    @Override
    public void enable(int count) {
        enabledLog2 = 32 - Integer.numberOfLeadingZeros(count - 1);
        if (capability.perVectorMasking()) {
            writeMask(-1);
        }
    }

    @Override
    public void program(int vector, MsiMessage message) {
        if (vector != 0) {
            return;
        }
        int at = capability.offset();
        long address = message.address().value();
        config.write(id, at + MsiCapability.ADDRESS, 4, address & 0xffff_ffffL);
        if (capability.is64()) {
            config.write(id, at + MsiCapability.UPPER_ADDRESS, 4, address >>> 32);
        }
        int data = MsiCapability.dataOffset(capability.messageControl());
        config.write(id, at + data, 2, message.data());
    }

    @Override
    public void start() {
        control(1);
    }

    private void control(int enable) {
        int at = capability.offset() + MsiCapability.MESSAGE_CONTROL;
        long control = config.read(id, at, 2);
        control = MsiCapability.MULTIPLE_MESSAGE_ENABLE.set(control, enabledLog2);
        config.write(id, at, 2, MsiCapability.MSI_ENABLE.set(control, enable));
    }

    @Override
    public void unmask(int vector) {
        if (capability.perVectorMasking()) {
            writeMask(readMask() & ~(1 << vector));
        }
    }

    @Override
    public void mask(int vector) {
        if (capability.perVectorMasking()) {
            writeMask(readMask() | 1 << vector);
        }
    }

    private int maskAt() {
        return capability.offset() + MsiCapability.maskOffset(capability.messageControl());
    }

    private int readMask() {
        return config.read(id, maskAt(), 4);
    }

    private void writeMask(int mask) {
        config.write(id, maskAt(), 4, mask & 0xffff_ffffL);
    }

    @Override
    public void disable() {
        control(0);
    }
}
