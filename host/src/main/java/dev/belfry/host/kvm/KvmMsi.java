package dev.belfry.host.kvm;

/// `struct kvm_msi`, and the MSI half of a route.
///
/// @param address what the device is said to write to
/// @param data what it writes: the EventID
/// @param flags [#VALID_DEVID]
/// @param deviceId the DeviceID in the guest's ITS
public record KvmMsi(long address, int data, int flags, int deviceId) {

    /// `KVM_MSI_VALID_DEVID`.
    public static final int VALID_DEVID = 1;
}
