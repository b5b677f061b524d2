package dev.belfry.host;

import dev.belfry.host.description.DeviceDescription;
import dev.belfry.host.iommu.IommuGroup;
import dev.belfry.host.iommu.ReservedRegion;
import dev.belfry.host.smmu.HostStream;
import dev.belfry.kernel.pci.AtsCapability;
import java.util.List;
import java.util.Optional;

/// What the SMMU driver is told of a device.
final class Streams {

    /// `MSI_IOVA_BASE`, `MSI_IOVA_LENGTH` (arm-smmu-v3.h).
    private static final ReservedRegion SW_MSI =
            new ReservedRegion(0x0800_0000L, 0x0010_0000L, ReservedRegion.Type.SW_MSI);

    private Streams() {}

    static HostStream.Setup setup(
            DeviceDescription d, IommuGroup group, Optional<AtsCapability> ats) {
        return new HostStream.Setup(
                d.bdf().toString(),
                d.streamId(),
                group,
                List.of(SW_MSI),
                d.coherent(),
                d.isolatedMsi(),
                ats.map(a -> a::set),
                d.pasidBits());
    }
}
