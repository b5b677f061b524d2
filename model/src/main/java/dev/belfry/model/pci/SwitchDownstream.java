package dev.belfry.model.pci;

/// A Downstream Port of a switch, on the internal bus of a [SwitchUpstream].
public final class SwitchDownstream extends Bridge {

    /// With a bus below that QEMU or a person calls `busName`.
    public SwitchDownstream(FunctionIdentity identity, String busName) {
        super(identity, busName);
    }
}
