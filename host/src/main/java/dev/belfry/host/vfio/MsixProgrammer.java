package dev.belfry.host.vfio;

import dev.belfry.host.msi.MsiMessage;
import dev.belfry.kernel.pci.MsixDriver;

/// MSI-X: a table in a BAR.
///
/// @param driver writes it
record MsixProgrammer(MsixDriver driver) implements VectorProgrammer {

    @Override
    public void enable(int count) {
        driver.enable(count);
    }

    @Override
    public void program(int vector, MsiMessage message) {
        driver.program(vector, message.address().value(), message.data());
    }

    @Override
    public void start() {
        driver.start();
    }

    @Override
    public void unmask(int vector) {
        driver.unmask(vector);
    }

    @Override
    public void mask(int vector) {
        driver.mask(vector);
    }

    @Override
    public void disable() {
        driver.disable();
    }
}
