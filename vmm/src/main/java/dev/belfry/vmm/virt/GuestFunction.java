package dev.belfry.vmm.virt;

import dev.belfry.model.pci.PciFunction;
import dev.belfry.vmm.iommu.PciDevice;

/// A PCI function of the guest: what the command line says, the hardware that the guest sees, and
/// what it is to an IOMMU.
///
/// @param described by the command line
/// @param hardware as the guest sees it
/// @param kind what it is to an IOMMU
public record GuestFunction(
        dev.belfry.vmm.machine.PciFunction described, PciFunction hardware, Kind kind)
        implements PciDevice {

    @Override
    public String name() {
        return described.plugged().label();
    }

    @Override
    public int requesterId() {
        return hardware.requesterId();
    }

    /// Two functions are the same only if they are one object: equal descriptions may sit in two
    /// slots.
    @Override
    @SuppressWarnings("ReferenceEquality")
    public boolean equals(Object o) {
        return o instanceof GuestFunction other && other.hardware == hardware;
    }

    @Override
    public int hashCode() {
        return System.identityHashCode(hardware);
    }
}
