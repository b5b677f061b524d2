package dev.belfry.vmm.rule.host;

import dev.belfry.host.description.KernelOption;
import dev.belfry.vmm.machine.PciFunction;
import dev.belfry.vmm.machine.Phase;
import dev.belfry.vmm.rule.About;
import dev.belfry.vmm.rule.Found;
import dev.belfry.vmm.rule.Rule;
import dev.belfry.vmm.rule.Subject;
import java.util.Optional;

/// A host's kernel that is built without something that passed-through devices need.
///
/// One small class each below says who needs it and what happens.
abstract class KernelBuild implements Rule {

    private final KernelOption option;
    private final Phase phase;
    private final String source;

    KernelBuild(KernelOption option, Phase phase, String source) {
        this.option = option;
        this.phase = phase;
        this.source = source;
    }

    @Override
    public About about() {
        return About.error(
                        "KERNEL-WITHOUT-" + option.name().replace('_', '-'),
                        phase,
                        "a host kernel without " + option.symbol())
                .because("without " + option.symbol() + " " + option.without(), source);
    }

    @Override
    public final void check(Subject s, Found found) {
        if (s.host().isPresent() && s.host().get().without().contains(option)) {
            tell(s, found);
        }
    }

    /// Looks whether somebody needs it, and tells of the first.
    abstract void tell(Subject s, Found found);

    /// The kernel that would do.
    final String fix() {
        return "use a host kernel built with " + option.symbol() + "=y";
    }

    /// The end of each message.
    final String built() {
        return ": the host's kernel is built without " + option.symbol();
    }

    /// The first passed-through device behind an accelerated SMMU.
    static Optional<Subject.Behind<PciFunction.Vfio>> firstBehindAccel(Subject s) {
        return s.behind(PciFunction.Vfio.class).filter(b -> b.smmu().accel()).findFirst();
    }
}
