package dev.belfry.vmm.virt;

import dev.belfry.model.smmu.Smmu;
import dev.belfry.vmm.iommu.AcceleratedSmmu;
import dev.belfry.vmm.iommu.PciIommuOps;
import dev.belfry.vmm.machine.SmmuInstance;
import java.util.Optional;

/// One SMMU of the guest, made.
///
/// @param described by the command line
/// @param engine its registers, queues and decoder
/// @param ops what it offers to PCI
/// @param cmdqv queues beside it that hardware reads
public record SmmuUnit(
        SmmuInstance described, Smmu engine, PciIommuOps ops, Optional<CmdqvUnit> cmdqv) {

    /// Its operations, if it is accelerated.
    public Optional<AcceleratedSmmu> accelerated() {
        return ops instanceof AcceleratedSmmu a ? Optional.of(a) : Optional.empty();
    }
}
