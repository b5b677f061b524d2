package dev.belfry.host.msi;

import dev.belfry.host.iommu.IommuDevice;
import dev.belfry.host.uapi.Result;
import dev.belfry.model.address.Hpa;
import dev.belfry.model.address.Iova;
import java.util.Optional;
import java.util.Set;

/// How the address in a device's message comes about. The kernel asks at two moments, and a design
/// says what it adds to the uAPI.
///
/// Every design is told the address that the VMM gave for the vector, if it gave one: the guest's
/// own, an opaque number.
public interface MsiDesign {

    /// What a kernel with a design offers beside the uAPI of released kernels.
    enum Feature {
        /// `VFIO_IRQ_SET_ACTION_PREPARE` with `VFIO_IRQ_SET_DATA_MSI_IOVA`.
        GIVEN_ADDRESSES,
        /// `IOMMU_MAP_MSI`: a doorbell's page in stage 2, where the VMM wants it.
        MAP_MSI,
        /// `IOMMU_OPTION_SW_MSI_START` and `IOMMU_OPTION_SW_MSI_SIZE`.
        WINDOW_OPTIONS
    }

    /// A vector is allocated (`iommu_dma_prepare_msi`): decides about the address, and makes the
    /// doorbell reachable if that is the kernel's business.
    ///
    /// @param doorbell physical address of the doorbell register
    /// @param given what the VMM gave for the vector
    /// @return what the device is to write to; empty when that is the physical address
    Result<Optional<Iova>> prepare(
            IommuDevice device, int vector, Hpa doorbell, Optional<Iova> given);

    /// VFIO writes the message of a vector that it connects to an eventfd, from the cached one.
    ///
    /// @param composed the message as the interrupt domains composed it: what the cache has
    default MsiMessage atSignal(MsiMessage composed, Optional<Iova> given) {
        return composed;
    }

    /// What it adds to the uAPI; without it the calls fail as in released kernels.
    default Set<Feature> features() {
        return Set.of();
    }
}
