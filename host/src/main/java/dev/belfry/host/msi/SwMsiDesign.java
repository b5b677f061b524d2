package dev.belfry.host.msi;

import dev.belfry.host.iommu.DmaOwner;
import dev.belfry.host.iommu.IommuDevice;
import dev.belfry.host.uapi.Result;
import dev.belfry.model.address.Hpa;
import dev.belfry.model.address.Iova;
import java.util.Optional;

/// The shipping design: whoever owns the device's DMA maps the doorbell's page into its window
/// (`iommufd_sw_msi`). The host chooses the address; a guest must honour it (RMR).
public final class SwMsiDesign implements MsiDesign {

    @Override
    public Result<Optional<Iova>> prepare(IommuDevice device, int vector, Hpa doorbell) {
        Optional<DmaOwner> owner = device.group().owner();
        return owner.isPresent()
                ? owner.get().swMsi(device.group(), doorbell)
                : Result.ok(Optional.empty());
    }
}
