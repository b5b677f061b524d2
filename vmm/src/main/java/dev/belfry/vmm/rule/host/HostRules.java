package dev.belfry.vmm.rule.host;

import dev.belfry.vmm.rule.Rule;
import java.util.List;

/// Rules that need a host or its kernel.
public final class HostRules {

    private HostRules() {}

    /// All of them, in QEMU's order within a phase.
    public static List<Rule> all() {
        return List.of(
                new NoDevice(),
                new HostMemory(),
                new IsolatedMsi(),
                new Coherent(),
                new Group(),
                new Nesting(),
                new HostStlevel(),
                new HostTtendian(),
                new HostTtf(),
                new HostSidsize(),
                new HostSsidsize(),
                new HostRil(),
                new HostOas(),
                new HostAts(),
                new HostGran4K(),
                new HostGran16K(),
                new HostGran64K(),
                new MixedSmmus(),
                new SplitSmmu(),
                new AtsEndpoint(),
                new PasidEndpoint(),
                new KernelViommu(),
                new KernelGbpa(),
                new KernelCmdqv(),
                new HostCmdqv());
    }
}
