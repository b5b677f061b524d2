package dev.belfry.host.iommu;

import dev.belfry.model.journey.Bytes;

/// `IOMMU_GET_HW_INFO`'s answer for a Tegra241 CMDQ-V (`struct iommu_hw_info_tegra241_cmdqv`).
///
/// @param version of the hardware
/// @param log2Vcmdqs queues of one virtual interface
/// @param log2Vsids StreamIDs that one virtual interface can replace
public record CmdqvInfo(int version, int log2Vcmdqs, int log2Vsids) {

    /// `IOMMU_HW_INFO_TYPE_TEGRA241_CMDQV`.
    public static final int TEGRA241_CMDQV = 3;

    /// The structure.
    public Bytes bytes() {
        return Bytes.ofWords(
                (long) version << 32 | (long) log2Vcmdqs << 40 | (long) log2Vsids << 48);
    }
}
