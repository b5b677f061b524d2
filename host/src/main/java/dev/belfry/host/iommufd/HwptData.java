package dev.belfry.host.iommufd;

import dev.belfry.model.journey.Bytes;

/// The driver's part of an `IOMMU_HWPT_ALLOC`.
///
/// @param type `data_type`: 0 none, 1 VT-d, 2 SMMUv3
/// @param bytes what `data_uptr` points at, `data_len` bytes
public record HwptData(int type, Bytes bytes) {

    /// `IOMMU_HWPT_DATA_ARM_SMMUV3`.
    public static final int ARM_SMMUV3 = 2;

    /// No data.
    public static final HwptData NONE = new HwptData(0, Bytes.NONE);

    /// `struct iommu_hwpt_arm_smmuv3`: the first two words of the guest's STE.
    public static HwptData armSmmuV3(long ste0, long ste1) {
        return new HwptData(ARM_SMMUV3, Bytes.ofWords(ste0, ste1));
    }

    long word(int index) {
        long value = 0;
        for (int i = 7; i >= 0; i--) {
            value = value << 8 | bytes.at(index * 8 + i);
        }
        return value;
    }
}
