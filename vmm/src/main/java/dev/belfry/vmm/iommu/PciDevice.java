package dev.belfry.vmm.iommu;

/// A PCI function of the guest, as far as the IOMMU operations ask.
public interface PciDevice {

    /// What a function is to an IOMMU.
    enum Kind {
        /// A host bridge, root port, switch port or PCI bridge.
        BRIDGE,
        /// `vfio-pci` with `iommufd=`.
        VFIO_IOMMUFD,
        /// `vfio-pci` without `iommufd=`.
        VFIO_CONTAINER,
        /// A device that the VMM itself plays.
        EMULATED
    }

    /// Its `id=`, or its driver's name.
    String name();

    /// What it is.
    Kind kind();

    /// Its requester id now: bus numbers are the guest's to change.
    int requesterId();
}
