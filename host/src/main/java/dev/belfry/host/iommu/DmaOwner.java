package dev.belfry.host.iommu;

import dev.belfry.host.uapi.Result;
import dev.belfry.model.address.Hpa;
import dev.belfry.model.address.Iova;
import java.util.Optional;

/// Who owns a group's DMA instead of the kernel's own DMA API; it also gives doorbells an IOVA
/// (`iommu_dma_prepare_msi`, dispatched by the domain's cookie).
public interface DmaOwner {

    /// Makes the page of `doorbell` reachable for the devices of `group`.
    ///
    /// @param doorbell physical address of the doorbell register
    /// @return the IOVA of the register, or empty when the message is to carry the physical address
    Result<Optional<Iova>> swMsi(IommuGroup group, Hpa doorbell);
}
