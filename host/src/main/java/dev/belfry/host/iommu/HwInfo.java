package dev.belfry.host.iommu;

import dev.belfry.model.journey.Bytes;
import dev.belfry.model.smmu.SmmuIdentity;

/// `IOMMU_GET_HW_INFO`'s answer for an SMMUv3 (`struct iommu_hw_info_arm_smmuv3`): raw reads of the
/// physical registers.
///
/// @param type `IOMMU_HW_INFO_TYPE_ARM_SMMUV3` = 2
/// @param idr0 IDR0
/// @param idr1 IDR1
/// @param idr2 IDR2
/// @param idr3 IDR3
/// @param idr4 IDR4
/// @param idr5 IDR5
/// @param iidr IIDR
/// @param aidr AIDR
public record HwInfo(
        int type, int idr0, int idr1, int idr2, int idr3, int idr4, int idr5, int iidr, int aidr) {

    /// `IOMMU_HW_INFO_TYPE_ARM_SMMUV3`.
    public static final int ARM_SMMUV3 = 2;

    /// Bytes of the structure.
    public static final int LENGTH = 40;

    /// The structure.
    public Bytes bytes() {
        return Bytes.ofWords(
                0, pair(idr0, idr1), pair(idr2, idr3), pair(idr4, idr5), pair(iidr, aidr));
    }

    private static long pair(int low, int high) {
        return (long) high << 32 | (low & 0xffff_ffffL);
    }

    /// What a kernel reads from an SMMU with that identity.
    public static HwInfo of(SmmuIdentity i) {
        return new HwInfo(
                ARM_SMMUV3,
                i.idr0(),
                i.idr1(),
                i.idr2(),
                i.idr3(),
                i.idr4(),
                i.idr5(),
                i.iidr(),
                i.aidr());
    }

    /// The registers as an identity.
    public SmmuIdentity identity() {
        return new SmmuIdentity("host", idr0, idr1, idr2, idr3, idr4, idr5, iidr, aidr);
    }
}
