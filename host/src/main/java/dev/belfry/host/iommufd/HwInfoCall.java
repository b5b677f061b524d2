package dev.belfry.host.iommufd;

import dev.belfry.host.iommu.CmdqvInfo;
import dev.belfry.host.iommu.DeviceInfo;
import dev.belfry.host.iommu.HwInfo;
import dev.belfry.host.iommu.IommuDevice;
import dev.belfry.host.uapi.Errno;
import dev.belfry.host.uapi.KernelVersion;
import dev.belfry.host.uapi.Result;
import java.util.Optional;

/// `IOMMU_GET_HW_INFO`.
final class HwInfoCall {

    /// `IOMMU_HW_CAP_DIRTY_TRACKING`. `IOMMU_HW_CAP_PCI_PASID_EXEC` and `_PRIV` are left out:
    /// devices here say nothing of them.
    private static final long DIRTY_TRACKING = 1;

    /// `IOMMU_HW_INFO_FLAG_INPUT_TYPE`, from 6.17.
    private static final int INPUT_TYPE = 1;

    private HwInfoCall() {}

    static Result<DeviceInfo> run(
            ObjectTable objects, KernelVersion version, int flags, int devId, int inputType) {
        int known = version.has(KernelVersion.V6_17) ? INPUT_TYPE : 0;
        if ((flags & ~known) != 0) {
            return Result.err(Errno.EOPNOTSUPP, "unknown flags");
        }
        int type = flags == 0 ? 0 : inputType;
        return objects.get(devId, BoundDevice.class).then(d -> info(d.device(), type));
    }

    private static Result<DeviceInfo> info(IommuDevice device, int type) {
        HwInfo hardware = device.iommu().hwInfo();
        Optional<CmdqvInfo> cmdqv = device.iommu().cmdqvInfo();
        boolean wantsCmdqv = type == CmdqvInfo.TEGRA241_CMDQV && cmdqv.isPresent();
        if (type != 0 && type != hardware.type() && !wantsCmdqv) {
            return Result.err(Errno.EOPNOTSUPP, "the IOMMU has no information of that type");
        }
        return Result.ok(
                new DeviceInfo(
                        hardware,
                        wantsCmdqv ? cmdqv : Optional.empty(),
                        device.maxPasidLog2(),
                        device.iommu().tracksDirty() ? DIRTY_TRACKING : 0));
    }
}
