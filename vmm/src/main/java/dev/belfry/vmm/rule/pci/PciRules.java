package dev.belfry.vmm.rule.pci;

import dev.belfry.vmm.rule.Rule;
import java.util.List;

/// Rules of the PCI tree.
public final class PciRules {

    private PciRules() {}

    /// All of them, in QEMU's order within a phase.
    public static List<Rule> all() {
        return List.of(
                new PortReserve(),
                new PortIdle(),
                new BridgeChassis(),
                new OtherExpander(),
                new VirtioLegacy(),
                new VirtioIommuBus(),
                new BusNumbers(),
                new BarSpace(),
                new StreamAlias(),
                new RootWithoutSmmu(),
                new VirtioUntranslated());
    }
}
