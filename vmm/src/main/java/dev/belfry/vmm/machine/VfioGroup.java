package dev.belfry.vmm.machine;

import java.util.List;
import java.util.Optional;

/// VFIO devices that share a guest SMMU, and therefore must share a host SMMU if it is accelerated.
///
/// @param smmu none for devices that no SMMU of the guest serves
/// @param devices in the order of creation
public record VfioGroup(Optional<SmmuInstance> smmu, List<PciFunction.Vfio> devices) {

    public VfioGroup {
        devices = List.copyOf(devices);
    }
}
