package dev.belfry.host.iommu;

import dev.belfry.host.uapi.Done;
import dev.belfry.host.uapi.Result;
import java.util.List;

/// A device as the IOMMU core knows it (`struct device` with its `dev_iommu`).
public interface IommuDevice {

    /// Its name: the PCI address, `SSSS:BB:DD.F`.
    String name();

    /// The instance that translates for it.
    Iommu iommu();

    /// Its group.
    IommuGroup group();

    /// Regions of its address space that are not free for mappings.
    List<ReservedRegion> reservedRegions();

    /// Whether its DMA is cache coherent (`IOMMU_CAP_CACHE_COHERENCY`).
    boolean cacheCoherent();

    /// Whether its MSIs cannot be forged by others (`msi_device_has_isolated_msi`).
    boolean isolatedMsi();

    /// PASID bits that are usable; 0 when PASIDs are not.
    int maxPasidLog2();

    /// Whether it can send PASIDs at all.
    boolean hasPasids();

    /// Makes `domain` its translation, in place of what it had.
    ///
    /// @return the driver's errno; the old translation stays then
    Result<Done> attach(Domain domain);

    /// Parks it for a reset: blocked, its PASIDs too, ATS off and its ATC invalidated. Nothing
    /// happens to a device without ATS.
    ///
    /// @return `EBUSY` when it is parked already
    Result<Done> prepareReset();

    /// After the reset: its group's domain is its translation again, and so are its PASIDs'.
    void resetDone();

    /// Makes `domain` the translation of one PASID.
    ///
    /// @return the driver's errno; what the PASID had stays then
    Result<Done> attachPasid(Domain domain, int pasid);

    /// Nothing translates for the PASID any more.
    void detachPasid(int pasid);
}
