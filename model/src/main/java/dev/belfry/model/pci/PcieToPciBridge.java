package dev.belfry.model.pci;

/// A PCI Express to PCI Bridge. What is below it has no requester id of its own upstream; see
/// [PciFunction#requesterId].
public final class PcieToPciBridge extends Bridge {

    /// With a bus below that QEMU or a person calls `busName`.
    public PcieToPciBridge(FunctionIdentity identity, String busName) {
        super(identity, busName);
    }
}
