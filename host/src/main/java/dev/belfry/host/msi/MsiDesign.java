package dev.belfry.host.msi;

import dev.belfry.host.iommu.IommuDevice;
import dev.belfry.host.uapi.Result;
import dev.belfry.model.address.Hpa;
import dev.belfry.model.address.Iova;
import java.util.Optional;

/// How the address in a device's message comes about. The kernel asks at two moments.
public interface MsiDesign {

    /// A vector is allocated (`iommu_dma_prepare_msi`): makes the doorbell reachable.
    ///
    /// @param doorbell physical address of the doorbell register
    /// @return the I/O address of its page; empty when the message carries the physical address
    Result<Optional<Iova>> prepare(IommuDevice device, int vector, Hpa doorbell);

    /// VFIO writes the message of a vector that it connects to an eventfd.
    ///
    /// @param composed the message as the interrupt domains composed it
    default MsiMessage atSignal(IommuDevice device, int vector, MsiMessage composed) {
        return composed;
    }
}
