package dev.belfry.host.msi;

import dev.belfry.host.iommu.IommuDevice;
import dev.belfry.host.uapi.Result;
import dev.belfry.model.address.Hpa;
import dev.belfry.model.address.Iova;
import java.util.Optional;
import java.util.Set;

/// RFCv1 of November 2024: VFIO hands the guest's address down through PCI into the `msi_desc`
/// before the vector is allocated. The ITS domain then skips `iommu_dma_prepare_msi`, and every
/// later composition takes the preset address: it survives.
///
/// A vector without a preset goes the released way. Stage 2 is not the chain's business: whether
/// the doorbell is mapped there depends on `IOMMU_MAP_MSI`, which the series as posted lacks.
///
/// @param features [Feature#GIVEN_ADDRESSES], and perhaps [Feature#MAP_MSI]
public record PrepareDesign(Set<Feature> features) implements MsiDesign {

    public PrepareDesign {
        features = Set.copyOf(features);
    }

    @Override
    public Result<Optional<Iova>> prepare(
            IommuDevice device, int vector, Hpa doorbell, Optional<Iova> given) {
        return given.isPresent() ? Result.ok(given) : SwMsiDesign.map(device, doorbell);
    }
}
