package dev.belfry.vmm.rule.board;

import dev.belfry.vmm.rule.Rule;
import java.util.List;

/// Rules of the board: CPUs, interrupt controller, memory, nodes.
public final class BoardRules {

    private BoardRules() {}

    /// All of them, in QEMU's order within a phase.
    public static List<Rule> all() {
        return List.of(
                new OptionGone(),
                new KernelMissing(),
                new CpuModel(),
                new CpuFeature(),
                new Gicv2Cpus(),
                new RedistributorCpus(),
                new Gicv2Kvm(),
                new SecureKvm(),
                new MteCpu(),
                new MemoryBackend(),
                new Incoming(),
                new InitiatorDevice(),
                new InitiatorNode(),
                new InitiatorMemory(),
                new InitiatorCount(),
                new NumaOrder(),
                new RasFirmware(),
                new FirmwareParts());
    }
}
