package dev.belfry.vmm.rule.vfio;

import dev.belfry.vmm.rule.Rule;
import java.util.List;

/// Rules of the devices behind SMMUs.
public final class VfioRules {

    private VfioRules() {}

    /// All of them, in QEMU's order within a phase.
    public static List<Rule> all() {
        return List.of(
                new NeedsIommufd(),
                new EmulatedBehindAccel(),
                new BehindEmulated(),
                new BeforeAccelSmmu(),
                new BeforeSmmu(),
                new MixedIommufds(),
                new PasidOffset(),
                new PasidUseless(),
                new MigrationOption(),
                new IommufdUnused());
    }
}
