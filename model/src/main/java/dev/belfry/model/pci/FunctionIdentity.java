package dev.belfry.model.pci;

/// What a function says it is.
///
/// @param vendorId 16 bits
/// @param deviceId 16 bits
/// @param classCode base class, sub-class, programming interface: 24 bits
/// @param revisionId 8 bits
/// @param subsystemVendorId 16 bits; of no meaning to a bridge
/// @param subsystemId 16 bits; of no meaning to a bridge
public record FunctionIdentity(
        int vendorId,
        int deviceId,
        int classCode,
        int revisionId,
        int subsystemVendorId,
        int subsystemId) {

    /// Without a subsystem.
    public static FunctionIdentity of(int vendorId, int deviceId, int classCode, int revisionId) {
        return new FunctionIdentity(vendorId, deviceId, classCode, revisionId, 0, 0);
    }
}
