package dev.belfry.guest.firmware;

import dev.belfry.kernel.pci.HostWindow;
import dev.belfry.kernel.pci.PciHost;
import java.util.List;

/// A PCI host bridge: a range of buses of a segment with its windows.
///
/// @param segment PCI segment (`linux,pci-domain`)
/// @param ecamBase physical address of the configuration space of `firstBus`, 1 MiB a bus
/// @param firstBus its root bus
/// @param lastBus its last bus, inclusive
/// @param windows what it decodes
/// @param preserveConfig firmware asks that its PCI configuration be kept: `_DSM` function 5
///   returns 0, or `linux,pci-probe-only`
/// @param coherent its DMA is coherent
/// @param ats IORT's root complex supports ATS
/// @param iommuMaps requester id to StreamID; target is an index into [FirmwareInfo#smmus]. A
///   requester id that no map covers has no IOMMU
/// @param msiMaps requester id to DeviceID; target is an index into [FirmwareInfo#msiControllers].
///   For IORT the parser has composed root complex, SMMU and ITS mappings; a GICv2m frame under
///   ACPI covers all requester ids
public record HostBridge(
        int segment,
        long ecamBase,
        int firstBus,
        int lastBus,
        List<Window> windows,
        boolean preserveConfig,
        boolean coherent,
        boolean ats,
        List<IdMap> iommuMaps,
        List<IdMap> msiMaps) {

    public HostBridge {
        windows = List.copyOf(windows);
        iommuMaps = List.copyOf(iommuMaps);
        msiMaps = List.copyOf(msiMaps);
    }

    /// Address spaces of PCI.
    public enum Space {
        IO,
        MEM32,
        MEM64
    }

    /// A range of addresses that the bridge passes down.
    ///
    /// @param space I/O, or memory below or beyond 4 GiB
    /// @param prefetchable whether firmware marks it so
    /// @param cpuBase physical address
    /// @param pciBase the same on the bus
    /// @param size in bytes
    public record Window(
            Space space, boolean prefetchable, long cpuBase, long pciBase, long size) {}

    /// What PCI enumeration starts from.
    public PciHost.Setup forPci() {
        List<HostWindow> decoded =
                windows.stream()
                        .map(w ->
                                new HostWindow(
                                        HostWindow.Space.valueOf(w.space().name()),
                                        w.cpuBase(),
                                        w.pciBase(),
                                        w.size()))
                        .toList();
        return new PciHost.Setup(segment, ecamBase, firstBus, lastBus, decoded, preserveConfig);
    }

    /// Physical address of the configuration space of a function of this bridge.
    ///
    /// @param routingId bus `[15:8]`, devfn `[7:0]`; the bus is one of this bridge's
    public long configAddress(int routingId) {
        return ecamBase + ((long) (routingId - (firstBus << 8)) << 12);
    }

    /// Whether `bus` is one of this bridge's.
    public boolean covers(int bus) {
        return bus >= firstBus && bus <= lastBus;
    }
}
