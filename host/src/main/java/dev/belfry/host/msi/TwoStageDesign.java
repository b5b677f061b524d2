package dev.belfry.host.msi;

import dev.belfry.host.iommu.IommuDevice;
import dev.belfry.host.uapi.Errno;
import dev.belfry.host.uapi.Result;
import dev.belfry.model.address.Hpa;
import dev.belfry.model.address.Iova;
import java.util.Optional;
import java.util.Set;

/// The true two-stage mapping ("Part-3", not posted): stage 2 has the physical ITS's page where the
/// guest has its vITS, put there by `IOMMU_MAP_MSI`; the device writes the guest's own address.
///
/// As its reviewers asked: an address is looked up by device and vector, nothing is mapped on the
/// way, and a vector without an address is an error.
///
/// @param features [Feature#GIVEN_ADDRESSES] and [Feature#MAP_MSI], as far as the kernel has them
public record TwoStageDesign(Set<Feature> features) implements MsiDesign {

    public TwoStageDesign {
        features = Set.copyOf(features);
    }

    @Override
    public Result<Optional<Iova>> prepare(
            IommuDevice device, int vector, Hpa doorbell, Optional<Iova> given) {
        if (device.group().owner().isEmpty()) {
            return Result.ok(Optional.empty());
        }
        return given.isPresent()
                ? Result.ok(given)
                : Result.err(
                        Errno.EINVAL,
                        device.name() + ": no address was given for vector " + vector);
    }
}
