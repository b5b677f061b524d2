package dev.belfry.host.iommufd;

import dev.belfry.host.iommu.DeviceInfo;
import dev.belfry.host.iommu.HwInfo;
import dev.belfry.host.iommu.IommuDevice;
import dev.belfry.host.uapi.Errno;
import dev.belfry.host.uapi.Result;

/// `IOMMU_GET_HW_INFO`.
final class HwInfoCall {

    /// `IOMMU_HW_CAP_PCI_PASID_EXEC` and `_PRIV` are left out: devices here say nothing of them.
    private static final long CAPABILITIES = 0;

    private HwInfoCall() {}

    static Result<DeviceInfo> info(IommuDevice device, int inputType) {
        HwInfo hardware = device.iommu().hwInfo();
        if (inputType != 0 && inputType != hardware.type()) {
            return Result.err(Errno.EOPNOTSUPP, "the IOMMU has no information of that type");
        }
        return Result.ok(new DeviceInfo(hardware, device.maxPasidLog2(), CAPABILITIES));
    }
}
