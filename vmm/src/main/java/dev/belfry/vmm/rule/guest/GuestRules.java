package dev.belfry.vmm.rule.guest;

import dev.belfry.vmm.rule.Rule;
import java.util.List;

/// Rules of what the guest makes of it.
public final class GuestRules {

    private GuestRules() {}

    /// All of them, in QEMU's order within a phase.
    public static List<Rule> all() {
        return List.of(
                new NoMsiController(),
                new Gicv2mVectors(),
                new Nomsi(),
                new Noats(),
                new Nolpi(),
                new Passthrough(),
                new PassthroughPasid(),
                new OtherIommuWords(),
                new AcpiOff(),
                new SwMsiMemory());
    }
}
