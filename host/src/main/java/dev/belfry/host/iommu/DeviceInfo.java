package dev.belfry.host.iommu;

/// `IOMMU_GET_HW_INFO` as a whole: what depends on the device as well.
///
/// @param hardware the IOMMU's registers
/// @param maxPasidLog2 `out_max_pasid_log2`: PASID bits that device and IOMMU both have
/// @param capabilities `out_capabilities`: 1 dirty tracking, 2 PASID execute, 4 PASID privileged
public record DeviceInfo(HwInfo hardware, int maxPasidLog2, long capabilities) {}
