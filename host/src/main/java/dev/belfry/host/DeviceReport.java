package dev.belfry.host;

import dev.belfry.host.iommufd.BoundDevice;
import dev.belfry.host.iommufd.IommufdView;
import dev.belfry.host.msi.DeviceMsi;
import dev.belfry.host.smmu.HostStream;
import dev.belfry.host.uapi.EventFd;
import dev.belfry.host.vfio.VfioDevice;
import java.util.List;
import java.util.Optional;

/// What a person wants to see of a passed-through device on the host.
///
/// @param bdf PCI address, `SSSS:BB:DD.F`
/// @param smmu the SMMU that it is behind
/// @param streamId its StreamID there
/// @param attachment its HWPT; empty when its DMA is blocked
/// @param virtualStreamId the StreamID that its guest knows it by
/// @param ats whether ATS is on at the device
/// @param vectors vectors that are allocated
public record DeviceReport(
        String bdf,
        String smmu,
        int streamId,
        Optional<IommufdView.Attachment> attachment,
        Optional<Long> virtualStreamId,
        boolean ats,
        List<Vector> vectors) {

    /// A vector.
    ///
    /// @param allocated LPI, EventID, DeviceID, doorbell, and the message that was composed
    /// @param eventfd the name of the eventfd that it signals
    public record Vector(DeviceMsi.Vector allocated, Optional<String> eventfd) {}

    /// Of an open device.
    public static DeviceReport of(VfioDevice device) {
        Optional<BoundDevice> bound = device.boundDevice();
        HostStream stream = (HostStream) device.iommuDevice();
        return new DeviceReport(
                device.name(),
                stream.iommu().name(),
                stream.streamId(),
                bound.flatMap(b -> b.file().inspect().attachment(b)),
                bound.flatMap(b -> b.file().inspect().virtualId(b)),
                stream.atsEnabled(),
                device.vectors().stream()
                        .map(v -> new Vector(v, device.eventfd(v.index()).map(EventFd::name)))
                        .toList());
    }
}
