package dev.belfry.host.kvm;

/// Devices of `KVM_CREATE_DEVICE`, by their kernel numbers: 5, 7, 8.
public enum KvmDeviceType {
    ARM_VGIC_V2,
    ARM_VGIC_V3,
    ARM_VGIC_ITS
}
