package dev.belfry.vmm.rule.host;

import dev.belfry.host.description.KernelOption;
import dev.belfry.vmm.machine.PciFunction;
import dev.belfry.vmm.machine.Phase;
import dev.belfry.vmm.rule.About;
import dev.belfry.vmm.rule.Found;
import dev.belfry.vmm.rule.Place;
import dev.belfry.vmm.rule.Rule;
import dev.belfry.vmm.rule.Subject;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

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

    /// Tells of the first of some passed-through devices.
    ///
    /// @param key the property that needs it
    /// @param what what happens to the device
    final void tellFirst(
            Stream<PciFunction.Vfio> devices,
            String key,
            Function<PciFunction.Vfio, String> what,
            Found found) {
        devices.findFirst()
                .ifPresent(
                        v -> found.add(Place.of(v.plugged(), key), what.apply(v) + built(), fix()));
    }

    /// The passed-through devices that iommufd gives.
    static Stream<PciFunction.Vfio> onIommufd(Subject s) {
        return s.functions(PciFunction.Vfio.class).filter(v -> !v.iommufd().isEmpty());
    }

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
