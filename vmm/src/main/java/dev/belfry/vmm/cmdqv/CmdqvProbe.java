package dev.belfry.vmm.cmdqv;

import dev.belfry.host.iommu.CmdqvInfo;
import dev.belfry.host.iommu.DeviceInfo;
import dev.belfry.host.uapi.Errno;
import dev.belfry.host.uapi.Result;
import dev.belfry.vmm.iommu.HostIommuDevice;
import dev.belfry.vmm.refusal.RefusalLog;
import java.util.Optional;

/// Whether the SMMU behind a device has queues that a guest can be given (`tegra241_cmdqv_probe`).
public final class CmdqvProbe {

    /// What a guest is told, and the host must have.
    static final int VERSION = 1;

    static final int LOG2_QUEUES = 1;
    static final int LOG2_SIDS = 4;

    /// `IOMMU_HW_INFO_FLAG_INPUT_TYPE`.
    private static final int INPUT_TYPE = 1;

    private CmdqvProbe() {}

    /// Asks the host.
    ///
    /// @param log told when the host refuses to answer; `EOPNOTSUPP` is the answer of one without
    /// @return why there are none, in QEMU's words; empty when there are
    public static Optional<String> refusal(HostIommuDevice device, RefusalLog log) {
        Result<DeviceInfo> answer =
                device.iommufd().getHwInfo(INPUT_TYPE, device.devId(), CmdqvInfo.TEGRA241_CMDQV);
        boolean answered =
                !(answer instanceof Result.Err<DeviceInfo>(Errno errno, String _))
                        || errno == Errno.EOPNOTSUPP;
        if (!answered) {
            log.passed("asking about the command queues of " + device.hostName(), answer);
        }
        return switch (answer) {
            case Result.Err<DeviceInfo>(Errno errno, String why) ->
                    Optional.of("Failed to get hardware info: " + errno + ", " + why);
            case Result.Ok<DeviceInfo>(DeviceInfo info) ->
                    info.cmdqv()
                            .map(CmdqvProbe::tooLittle)
                            .orElseGet(() ->
                                    no(
                                            "unexpected data type %d (expected %d)",
                                            info.type(), CmdqvInfo.TEGRA241_CMDQV));
        };
    }

    private static Optional<String> tooLittle(CmdqvInfo host) {
        if (host.version() != VERSION) {
            return no("unsupported version %d (expected %d)", host.version(), VERSION);
        }
        if (host.log2Vcmdqs() < LOG2_QUEUES) {
            return no("insufficient vCMDQs log2=%d (need >= %d)", host.log2Vcmdqs(), LOG2_QUEUES);
        }
        return host.log2Vsids() < LOG2_SIDS
                ? no("insufficient SIDs log2=%d (need >= %d)", host.log2Vsids(), LOG2_SIDS)
                : Optional.empty();
    }

    private static Optional<String> no(String what, int has, int needs) {
        return Optional.of("Host CMDQV: " + what.formatted(has, needs));
    }
}
