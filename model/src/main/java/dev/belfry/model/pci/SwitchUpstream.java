package dev.belfry.model.pci;

/// The Upstream Port of a switch: its secondary bus is the switch's internal bus, with the
/// [SwitchDownstream] ports on it.
public final class SwitchUpstream extends Bridge {

    /// With a bus below that QEMU or a person calls `busName`.
    public SwitchUpstream(FunctionIdentity identity, String busName) {
        super(identity, busName);
    }
}
