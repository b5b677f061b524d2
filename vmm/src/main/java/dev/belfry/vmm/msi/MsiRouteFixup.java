package dev.belfry.vmm.msi;

import dev.belfry.model.address.Gpa;
import dev.belfry.vmm.iommu.AddressSpace;
import dev.belfry.vmm.iommu.PciDevice;
import dev.belfry.vmm.iommu.PciIommuOps;
import java.util.Optional;
import java.util.OptionalLong;

/// Turns the address that a guest wrote into an MSI-X entry into the address that KVM's vGIC
/// answers to.
///
/// KVM matches a route's address against the vITS frame, which is guest-physical; behind a vIOMMU
/// the guest writes a gIOVA. The order is that of QEMU's kvm_arch_fixup_msi_route: global address
/// space, direct address, translation, failure. Data and DeviceID are never touched.
public final class MsiRouteFixup {

    private MsiRouteFixup() {}

    /// What came of it.
    public sealed interface Outcome {

        /// Why, as a sentence.
        String rule();

        /// The route keeps the guest's address.
        record Unchanged(String rule) implements Outcome {}

        /// The route gets `doorbell`.
        record Doorbell(Gpa doorbell, String rule) implements Outcome {}

        /// There is no route: -EINVAL. VFIO falls back to signalling through the VMM.
        record Refused(String rule) implements Outcome {}
    }

    /// Decides for one route.
    ///
    /// @param device whose vector it is
    /// @param ops the vIOMMU that the device sits behind, if any
    /// @param space the device's address space
    /// @param address as the guest wrote it
    public static Outcome decide(
            PciDevice device, Optional<PciIommuOps> ops, AddressSpace space, long address) {
        if (space instanceof AddressSpace.SystemMemory) {
            return new Outcome.Unchanged(
                    ops.isPresent()
                            ? "the address space of "
                                    + device.name()
                                    + " is the global one, so the route keeps the guest's address"
                                    + " and "
                                    + ops.get().name()
                                    + " is never asked"
                            : device.name()
                                    + " is behind no vIOMMU: its address is guest-physical");
        }
        OptionalLong direct = ops.map(o -> o.msiDirectGpa(device)).orElse(OptionalLong.empty());
        if (direct.isPresent()) {
            return new Outcome.Doorbell(
                    new Gpa(direct.getAsLong()),
                    "the vIOMMU hands over the doorbell; the address that the guest programmed is"
                            + " ignored and its tables are not walked");
        }
        AddressSpace walked = ops.flatMap(o -> o.msiAddressSpace(device)).orElse(space);
        OptionalLong translated = walked.translate(address);
        if (translated.isEmpty()) {
            return new Outcome.Refused(
                    "the software walk of the guest's tables finds no region for the message: no"
                            + " route (EINVAL)");
        }
        return new Outcome.Doorbell(
                new Gpa(translated.getAsLong()), "found by a software walk of the guest's tables");
    }
}
