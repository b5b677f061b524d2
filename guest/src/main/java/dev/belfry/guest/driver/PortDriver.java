package dev.belfry.guest.driver;

import dev.belfry.kernel.pci.HotPlugPort;
import dev.belfry.kernel.pci.PciFunction;
import java.util.Optional;

/// Drives a port whose slot cards come into and leave (`pcieport`, `pciehp`): one vector says that
/// something happened. Without a vector the slot has to be looked at now and then.
public final class PortDriver {

    private final HotPlugPort slot;
    private Optional<DeviceVectors> vectors = Optional.empty();
    private boolean called;

    private PortDriver(HotPlugPort slot) {
        this.slot = slot;
    }

    /// Takes a port if its slot is one for hot-plug.
    public static Optional<PortDriver> probe(
            EngineDriver.Services services, EngineDriver.Resources resources) {
        Optional<PortDriver> driver =
                HotPlugPort.of(resources.host().config(), resources.function())
                        .map(PortDriver::new);
        driver.ifPresent(d -> d.start(services, resources));
        return driver;
    }

    private void start(EngineDriver.Services services, EngineDriver.Resources resources) {
        vectors =
                EngineDriver.messages(
                                services.machine(), resources.host().config(), resources.function())
                        .flatMap(table ->
                                resources
                                        .msi()
                                        .map(domain ->
                                                new DeviceVectors.Source(
                                                        table,
                                                        domain,
                                                        resources.deviceId(),
                                                        resources.space(),
                                                        -1,
                                                        services.interrupts())))
                        .map(source -> new DeviceVectors(source, v -> called = true))
                        .filter(v -> v.request(1) == 1);
        slot.start();
    }

    /// The port.
    public PciFunction port() {
        return slot.port();
    }

    /// Its slot.
    public HotPlugPort slot() {
        return slot;
    }

    /// Whether the slot is to be looked at: it called, or it cannot.
    public boolean takeCall() {
        boolean look = called || vectors.isEmpty();
        called = false;
        return look;
    }

    /// Gives the vector back.
    public void detach() {
        vectors.ifPresent(DeviceVectors::release);
        vectors = Optional.empty();
    }
}
