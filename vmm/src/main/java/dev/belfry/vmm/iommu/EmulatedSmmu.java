package dev.belfry.vmm.iommu;

import dev.belfry.model.smmu.Access;
import dev.belfry.model.smmu.Smmu;
import dev.belfry.model.smmu.Translation;
import java.util.Optional;
import java.util.OptionalLong;

/// An SMMUv3 that the VMM plays itself: every device behind it is translated in software.
///
/// @param name its id
/// @param smmu the engine
public record EmulatedSmmu(String name, Smmu smmu) implements PciIommuOps {

    @Override
    public Optional<String> refusal(PciDevice device) {
        return switch (device.kind()) {
            case BRIDGE, EMULATED -> Optional.empty();
            case VFIO_IOMMUFD, VFIO_CONTAINER ->
                    Optional.of(
                            "VFIO needs the IOMMU's MAP notifications, which an emulated SMMUv3 does not"
                                    + " give: the device's DMA would not follow the guest's tables");
        };
    }

    @Override
    public AddressSpace addressSpace(PciDevice device) {
        return new AddressSpace.Translated(name, address -> walk(smmu, device, address));
    }

    /// Where a write of `device` at `address` goes, by a software walk of the guest's tables. A
    /// fault is the device's, so the guest sees its event.
    static OptionalLong walk(Smmu smmu, PciDevice device, long address) {
        Translation t =
                smmu.translate(device.requesterId(), Smmu.NO_SUBSTREAM, address, Access.WRITE);
        return t instanceof Translation.Mapped mapped
                ? OptionalLong.of(mapped.pa())
                : OptionalLong.empty();
    }
}
