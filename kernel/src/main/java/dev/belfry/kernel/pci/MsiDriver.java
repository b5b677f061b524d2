package dev.belfry.kernel.pci;

import dev.belfry.model.pci.spec.ConfigRegister;
import dev.belfry.model.pci.spec.MsiCapability;
import java.util.Optional;

/// A function's MSI capability, in Linux's order: disabled and masked, message written, INTx off,
/// enabled; then unmasked. One vector is used, as most drivers do: the messages of several must lie
/// together and aligned (PCIe 7.7.1.2).
public final class MsiDriver implements MessageVectors {

    private static final int INTX_DISABLE = 1 << 10;

    private final ConfigAccess config;
    private final int id;
    private final MsiCapability capability;

    private MsiDriver(ConfigAccess config, int id, MsiCapability capability) {
        this.config = config;
        this.id = id;
        this.capability = capability;
    }

    /// For a function; empty when it has no MSI.
    public static Optional<MsiDriver> of(ConfigAccess config, PciFunction function) {
        return function.space().msi().map(m -> new MsiDriver(config, function.routingId(), m));
    }

    @Override
    public int vectors() {
        return 1;
    }

    @Override
    public void enable(int used) {
        control(0, (int) MsiCapability.MSI_ENABLE.mask());
        maskBits(-1);
    }

    @Override
    public void program(int vector, long address, int data) {
        int at = capability.offset();
        control(0, (int) MsiCapability.MULTIPLE_MESSAGE_ENABLE.mask());
        config.write(id, at + MsiCapability.ADDRESS, 4, address & 0xffff_ffffL);
        if (capability.is64()) {
            config.write(id, at + MsiCapability.UPPER_ADDRESS, 4, address >>> 32);
        }
        config.write(
                id, at + MsiCapability.dataOffset(capability.messageControl()), 2, data & 0xffffL);
    }

    @Override
    public void start() {
        int command = config.read(id, ConfigRegister.COMMAND);
        config.write(id, ConfigRegister.COMMAND, command | INTX_DISABLE);
        control((int) MsiCapability.MSI_ENABLE.mask(), 0);
    }

    @Override
    public void unmask(int vector) {
        maskBits(-1 & ~(1 << vector));
    }

    @Override
    public void mask(int vector) {
        maskBits(-1);
    }

    @Override
    public void disable() {
        control(0, (int) MsiCapability.MSI_ENABLE.mask());
        int command = config.read(id, ConfigRegister.COMMAND);
        config.write(id, ConfigRegister.COMMAND, command & ~INTX_DISABLE);
    }

    /// A function without mask bits is masked at the interrupt controller alone.
    private void maskBits(int bits) {
        if (capability.perVectorMasking()) {
            int at = capability.offset() + MsiCapability.maskOffset(capability.messageControl());
            config.write(id, at, 4, bits & 0xffff_ffffL);
        }
    }

    private void control(int set, int clear) {
        int at = capability.offset() + MsiCapability.MESSAGE_CONTROL;
        int now = config.read(id, at, 2);
        config.write(id, at, 2, (now & ~clear) | set);
    }
}
