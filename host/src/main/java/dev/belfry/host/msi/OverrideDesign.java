package dev.belfry.host.msi;

import dev.belfry.host.iommu.IommuDevice;
import dev.belfry.host.uapi.Result;
import dev.belfry.model.address.Hpa;
import dev.belfry.model.address.Iova;
import java.util.Optional;
import java.util.Set;

/// The override proposed in reply to RFCv1: lower layers are unaware and compose as ever; where
/// VFIO writes the message of a vector that it connects, it puts the guest's address in.
///
/// The interrupt layer's cached message stays as composed, so whoever else writes the message (an
/// affinity change that recomposes it, a restored table) writes the host's address.
///
/// @param features [Feature#GIVEN_ADDRESSES], and perhaps [Feature#MAP_MSI]
public record OverrideDesign(Set<Feature> features) implements MsiDesign {

    public OverrideDesign {
        features = Set.copyOf(features);
    }

    @Override
    public Result<Optional<Iova>> prepare(
            IommuDevice device, int vector, Hpa doorbell, Optional<Iova> given) {
        return SwMsiDesign.map(device, doorbell);
    }

    @Override
    public MsiMessage atSignal(MsiMessage composed, Optional<Iova> given) {
        return given.map(address -> new MsiMessage(address, composed.data())).orElse(composed);
    }
}
