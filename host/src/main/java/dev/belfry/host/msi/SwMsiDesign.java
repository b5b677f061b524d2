package dev.belfry.host.msi;

import dev.belfry.host.iommu.DmaOwner;
import dev.belfry.host.iommu.IommuDevice;
import dev.belfry.host.uapi.Result;
import dev.belfry.model.address.Hpa;
import dev.belfry.model.address.Iova;
import java.util.Optional;
import java.util.Set;

/// The shipping design: whoever owns the device's DMA maps the doorbell's page into its window
/// (`iommufd_sw_msi`). The host chooses the address; a guest must honour it (RMR).
///
/// @param features none in released kernels; the window's place and size in the unmerged series
public record SwMsiDesign(Set<Feature> features) implements MsiDesign {

    public SwMsiDesign {
        features = Set.copyOf(features);
    }

    /// As released.
    public SwMsiDesign() {
        this(Set.of());
    }

    /// With the options of "Part-2" (October 2025): a VMM chooses the window, a device each.
    public static SwMsiDesign withOptions() {
        return new SwMsiDesign(Set.of(Feature.WINDOW_OPTIONS));
    }

    @Override
    public Result<Optional<Iova>> prepare(
            IommuDevice device, int vector, Hpa doorbell, Optional<Iova> given) {
        return map(device, doorbell);
    }

    /// What all designs fall back to that leave the lower layers as they are.
    static Result<Optional<Iova>> map(IommuDevice device, Hpa doorbell) {
        Optional<DmaOwner> owner = device.group().owner();
        return owner.isPresent()
                ? owner.get().swMsi(device.group(), doorbell)
                : Result.ok(Optional.empty());
    }
}
