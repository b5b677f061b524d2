package dev.belfry.host.iommufd;

import dev.belfry.model.journey.Bytes;
import java.util.Optional;

/// The driver's part of an `IOMMU_HWPT_ALLOC`.
///
/// @param type `data_type`: 0 none, 1 VT-d, 2 SMMUv3
/// @param length `data_len`
/// @param bytes what `data_uptr` points at; empty when it cannot be read
public record HwptData(int type, int length, Optional<Bytes> bytes) {

    /// `IOMMU_HWPT_DATA_ARM_SMMUV3`.
    public static final int ARM_SMMUV3 = 2;

    /// No data.
    public static final HwptData NONE = new HwptData(0, Bytes.NONE);

    /// Data that can be read.
    public HwptData(int type, Bytes bytes) {
        this(type, bytes.length(), Optional.of(bytes));
    }

    /// `struct iommu_hwpt_arm_smmuv3`: the first two words of the guest's STE.
    public static HwptData armSmmuV3(long ste0, long ste1) {
        return new HwptData(ARM_SMMUV3, Bytes.ofWords(ste0, ste1));
    }

    /// A word of data that were found readable and long enough.
    long word(int index) {
        Bytes data = bytes.orElseThrow();
        long value = 0;
        for (int i = 7; i >= 0; i--) {
            value = value << 8 | data.at(index * 8 + i);
        }
        return value;
    }
}
