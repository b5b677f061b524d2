package dev.belfry.vmm.iommu;

import java.util.Optional;
import java.util.OptionalLong;

/// What a vIOMMU offers to PCI: QEMU's `PCIIOMMUOps`, callback by callback.
public interface PciIommuOps {

    /// The vIOMMU's name.
    String name();

    /// `supports_address_space`: whether the device may sit behind this vIOMMU at all; asked when
    /// it is registered, so it covers hot-plug.
    ///
    /// @return why not, or empty
    default Optional<String> refusal(PciDevice device) {
        return Optional.empty();
    }

    /// `get_address_space`.
    AddressSpace addressSpace(PciDevice device);

    /// `get_viommu_flags`, bit WANT_NESTING_PARENT: VFIO shall allocate its HWPT as a nesting
    /// parent.
    default boolean wantsNestingParent() {
        return false;
    }

    /// `get_msi_direct_gpa`: the doorbell's guest-physical address, whatever the device was
    /// programmed with.
    ///
    /// @return empty when the vIOMMU has no such callback
    default OptionalLong msiDirectGpa(PciDevice device) {
        return OptionalLong.empty();
    }

    /// `get_msi_address_space`, of the design that preceded the direct address: where a message's
    /// address is to be translated in software.
    default Optional<AddressSpace> msiAddressSpace(PciDevice device) {
        return Optional.empty();
    }
}
