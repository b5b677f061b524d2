package dev.belfry.model.pci;

/// A Root Port of a Root Complex: one link down from a root bus.
public final class RootPort extends Bridge {

    /// With a bus below that QEMU or a person calls `busName`.
    public RootPort(FunctionIdentity identity, String busName) {
        super(identity, busName);
    }
}
