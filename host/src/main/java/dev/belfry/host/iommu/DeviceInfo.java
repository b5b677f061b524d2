package dev.belfry.host.iommu;

import dev.belfry.model.journey.Bytes;
import java.util.Optional;

/// `IOMMU_GET_HW_INFO` as a whole: what depends on the device as well.
///
/// @param hardware the IOMMU's registers
/// @param cmdqv what is answered instead, when that was asked for
/// @param maxPasidLog2 `out_max_pasid_log2`: PASID bits that device and IOMMU both have
/// @param capabilities `out_capabilities`: 1 dirty tracking, 2 PASID execute, 4 PASID privileged
public record DeviceInfo(
        HwInfo hardware, Optional<CmdqvInfo> cmdqv, int maxPasidLog2, long capabilities) {

    /// `out_data_type`.
    public int type() {
        return cmdqv.isPresent() ? CmdqvInfo.TEGRA241_CMDQV : hardware.type();
    }

    /// What `data_uptr` is filled with.
    public Bytes data() {
        return cmdqv.map(CmdqvInfo::bytes).orElseGet(hardware::bytes);
    }
}
