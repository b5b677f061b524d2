package dev.belfry.vmm.rule.host;

import dev.belfry.vmm.rule.Rule;
import java.util.ArrayList;
import java.util.List;

/// Rules that need a host or its kernel.
public final class HostRules {

    private HostRules() {}

    /// All of them, in QEMU's order within a phase.
    public static List<Rule> all() {
        List<Rule> all = new ArrayList<>();
        all.addAll(
                List.of(
                        new NoSmmu(),
                        new NoDevice(),
                        new HostMemory(),
                        new KernelSmmuDriver(),
                        new KernelVfioPci(),
                        new KernelIommufd(),
                        new KernelCdev(),
                        new IsolatedMsi(),
                        new Coherent(),
                        new Group(),
                        new GroupTable(),
                        new Nesting()));
        all.addAll(HostCompatibility.COMPARISONS);
        all.addAll(
                List.of(
                        new MixedSmmus(),
                        new SplitSmmu(),
                        new AtsEndpoint(),
                        new PasidEndpoint(),
                        new KernelViommu(),
                        new KernelGbpa(),
                        new KernelNesting(),
                        new KernelCmdqv(),
                        new KernelTegra(),
                        new HostCmdqv()));
        return List.copyOf(all);
    }
}
