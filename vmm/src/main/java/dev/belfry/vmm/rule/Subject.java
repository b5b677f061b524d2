package dev.belfry.vmm.rule;

import dev.belfry.host.description.DeviceDescription;
import dev.belfry.host.description.HostDescription;
import dev.belfry.host.description.SmmuDescription;
import dev.belfry.host.uapi.KernelVersion;
import dev.belfry.vmm.cmdline.CommandLine;
import dev.belfry.vmm.cmdline.Option;
import dev.belfry.vmm.cmdline.Param;
import dev.belfry.vmm.cmdline.Position;
import dev.belfry.vmm.machine.MachineDescription;
import dev.belfry.vmm.machine.PciFunction;
import dev.belfry.vmm.machine.SmmuInstance;
import dev.belfry.vmm.version.QemuVersion;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// What rules look at.
///
/// @param machine what the command line describes
/// @param commandLine as read
/// @param qemu the release that shall run it
/// @param host the host that shall run it, where it is known
/// @param kernel the host's kernel, where it is known
public record Subject(
        MachineDescription machine,
        CommandLine commandLine,
        QemuVersion qemu,
        Optional<HostDescription> host,
        Optional<KernelVersion> kernel) {

    /// A function that QEMU made when its SMMU was already there.
    ///
    /// @param function the function
    /// @param smmu what translates its DMA
    public record Behind<F extends PciFunction>(F function, SmmuInstance smmu) {}

    /// Every `-device arm-smmuv3`.
    public List<SmmuInstance> smmus() {
        return machine.smmus().stream().filter(s -> !s.legacy()).toList();
    }

    /// Those with `accel=on`.
    public List<SmmuInstance> accelerated() {
        return machine.smmus().stream().filter(SmmuInstance::accel).toList();
    }

    /// The functions of a kind that QEMU made after the SMMU in front of them.
    public <F extends PciFunction> Stream<Behind<F>> behind(Class<F> kind) {
        return functions(kind)
                .flatMap(f ->
                        machine
                                .smmuOf(f)
                                .filter(s -> s.order() < f.plugged().order())
                                .map(s -> new Behind<>(f, s))
                                .stream());
    }

    /// The functions of a kind, in QEMU's order.
    public <F extends PciFunction> Stream<F> functions(Class<F> kind) {
        return machine.pci().inOrder().stream().filter(kind::isInstance).map(kind::cast);
    }

    /// The passed-through devices that an SMMU serves, in QEMU's order.
    public List<PciFunction.Vfio> served(SmmuInstance smmu) {
        return behind(PciFunction.Vfio.class)
                .filter(b -> b.smmu().equals(smmu))
                .map(Behind::function)
                .toList();
    }

    /// What the host says of a passed-through device.
    public Optional<DeviceDescription> hostDevice(PciFunction.Vfio vfio) {
        return host.flatMap(h -> h.device(vfio.host()));
    }

    /// The physical SMMU of a passed-through device.
    public Optional<SmmuDescription> hostSmmu(PciFunction.Vfio vfio) {
        return hostDevice(vfio).flatMap(d -> host.flatMap(h -> h.smmu(d.smmu())));
    }

    /// Where a property of the option at a place stands; the option where it was not given.
    public Position at(Position option, String key) {
        return param(option, key).map(Param::at).orElse(option);
    }

    /// A property of the option at a place.
    public Optional<Param> param(Position option, String key) {
        return option(option).flatMap(o -> o.params().find(key));
    }

    /// The option at a place.
    public Optional<Option> option(Position at) {
        return commandLine.options().stream()
                .filter(o -> o.at().line() == at.line() && o.at().column() == at.column())
                .findFirst();
    }

    /// Where an option stands, the last of that name; else where the command line starts.
    public Position optionAt(String name) {
        return commandLine
                .last(name)
                .map(Option::at)
                .or(() -> commandLine.options().stream().map(Option::at).findFirst())
                .orElse(new Position(1, 1, ""));
    }

    /// Where a key of `-machine` stands, or the last `-machine`.
    public Position machineAt(String key) {
        return commandLine
                .all("machine")
                .flatMap(o -> o.params().all().stream())
                .filter(p -> p.key().replace('_', '-').equals(key))
                .reduce((first, second) -> second)
                .map(Param::at)
                .orElseGet(() -> optionAt("machine"));
    }

    /// The first device, before which objects may be put.
    public Position firstDevice() {
        return commandLine
                .all("device")
                .map(Option::at)
                .min(Comparator.comparingInt(Position::line).thenComparingInt(Position::column))
                .orElseGet(() -> optionAt("machine"));
    }
}
