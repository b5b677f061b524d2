package dev.belfry.vmm.rule;

import dev.belfry.vmm.cmdline.Param;
import dev.belfry.vmm.cmdline.Position;
import dev.belfry.vmm.machine.PciFunction;
import dev.belfry.vmm.machine.Plugged;
import dev.belfry.vmm.machine.Problems;
import dev.belfry.vmm.machine.SmmuInstance;

/// Where a finding is, and when QEMU comes to it.
///
/// @param order of the device that QEMU is at, or a constant of [Problems]
/// @param at in the input
public record Place(int order, Position at) {

    /// At an SMMU.
    public static Place of(SmmuInstance smmu) {
        return new Place(smmu.order(), smmu.at());
    }

    /// At a PCI function.
    public static Place of(PciFunction function) {
        return of(function.plugged());
    }

    /// At a PCI function.
    public static Place of(Plugged plugged) {
        return new Place(plugged.order(), plugged.at());
    }

    /// At a property of a PCI function.
    public static Place of(Plugged plugged, String key) {
        return new Place(
                plugged.order(), plugged.params().find(key).map(Param::at).orElse(plugged.at()));
    }

    /// Before any device is made.
    public static Place before(Position at) {
        return new Place(Problems.BEFORE_DEVICES, at);
    }

    /// After all devices are made.
    public static Place after(Position at) {
        return new Place(Problems.AFTER_DEVICES, at);
    }

    /// The same moment, another place in the input.
    public Place pointing(Position other) {
        return new Place(order, other);
    }
}
