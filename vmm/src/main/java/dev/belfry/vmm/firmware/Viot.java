package dev.belfry.vmm.firmware;

import dev.belfry.vmm.firmware.FirmwareInputs.PciHost;
import dev.belfry.vmm.firmware.FirmwareInputs.RootBus;
import java.util.Comparator;
import java.util.List;

/// The Virtual I/O Translation Table (ACPI 6.5, 5.2.33): a virtio-iommu on PCI, and the root buses
/// that do not bypass it.
final class Viot {

    private static final int FIRST_NODE = 48;
    private static final int PCI_RANGE = 1;
    private static final int VIRTIO_PCI = 3;

    private Viot() {}

    /// @param requesterId of the virtio-iommu
    static byte[] build(int requesterId, PciHost pci) {
        List<RootBus> roots =
                pci.roots().stream()
                        .filter(root -> !root.bypassIommu())
                        .sorted(Comparator.comparingInt(RootBus::firstBus))
                        .toList();
        TableBytes out = new TableBytes().u16(roots.size() + 1L).u16(FIRST_NODE).u64(0);
        out.u8(VIRTIO_PCI).u8(0).u16(16).u16(0).u16(requesterId).u64(0);
        for (RootBus root : roots) {
            int first = root.firstBus() << 8;
            int last = root.lastBus() << 8 | 0xff;
            out.u8(PCI_RANGE).u8(0).u16(24).u32(first).u16(0).u16(0).u16(first).u16(last);
            out.u16(FIRST_NODE).zeros(6);
        }
        return AcpiTable.of("VIOT", 0, out);
    }
}
