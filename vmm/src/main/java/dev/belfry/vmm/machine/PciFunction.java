package dev.belfry.vmm.machine;

import dev.belfry.model.pci.spec.Bdf;
import java.util.OptionalInt;
import java.util.Set;

/// A PCI function of the guest.
public sealed interface PciFunction {

    /// What every function has.
    Plugged plugged();

    /// The host bridge's own function, `00:00.0` (1b36:0008).
    record RootComplex(Plugged plugged) implements PciFunction {}

    /// A pxb-pcie: a function on `pcie.0` that stands for another root bus.
    ///
    /// @param bus that root bus
    record Pxb(Plugged plugged, PciBus bus) implements PciFunction {}

    /// A bridge.
    ///
    /// @param kind which one
    /// @param chassis of its slot, 0 unless given
    /// @param slot number, 0 unless given
    /// @param secondary the bus below it
    record Bridge(Plugged plugged, BridgeKind kind, int chassis, int slot, PciBus secondary)
            implements PciFunction {

        /// Whether cards come and go in its slot while the machine runs.
        public boolean hotPlug() {
            boolean port = kind == BridgeKind.ROOT_PORT || kind == BridgeKind.DOWNSTREAM;
            return port && !OFF.contains(plugged.params().get("hotplug", "on"));
        }

        private static final Set<String> OFF = Set.of("off", "no", "false", "n");
    }

    /// A device of the host.
    ///
    /// @param host its address there
    /// @param iommufd id of its iommufd object; empty for the legacy VFIO container
    /// @param nohotplug whether it is `vfio-pci-nohotplug`
    /// @param vpasidCapOffset where the PASID capability shall be, if said
    record Vfio(
            Plugged plugged,
            Bdf host,
            String iommufd,
            boolean nohotplug,
            OptionalInt vpasidCapOffset)
            implements PciFunction {}

    /// A device that QEMU emulates.
    ///
    /// @param vectors MSI-X vectors (or MSI's), 0 without
    /// @param msix whether they are MSI-X
    record Emulated(Plugged plugged, int vectors, boolean msix) implements PciFunction {}

    /// The bridges that QEMU has.
    enum BridgeKind {
        ROOT_PORT,
        UPSTREAM,
        DOWNSTREAM,
        PCI
    }
}
