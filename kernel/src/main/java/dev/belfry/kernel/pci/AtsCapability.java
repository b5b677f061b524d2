package dev.belfry.kernel.pci;

import dev.belfry.model.pci.spec.ExtendedCapabilityId;
import java.util.Optional;

/// ATS of a function (PCIe 10.5.1): its Control register.
///
/// @param at offset of the capability
public record AtsCapability(ConfigAccess config, int id, int at) {

    private static final int CONTROL = 6;
    private static final int ENABLE = 1 << 15;

    /// Of a function; empty when it has none.
    public static Optional<AtsCapability> of(PciHost host, PciFunction function) {
        return function.space()
                .find(ExtendedCapabilityId.ATS)
                .map(c -> new AtsCapability(host.config(), function.routingId(), c.offset()));
    }

    /// Turns it on or off (`pci_enable_ats`, `pci_disable_ats`); the smallest translation unit is 4
    /// KiB.
    public void set(boolean on) {
        config.write(id, at + CONTROL, 2, on ? ENABLE : 0);
    }

    /// Whether it is on.
    public boolean enabled() {
        return (config.read(id, at + CONTROL, 2) & ENABLE) != 0;
    }
}
