/// A passed-through device as the VMM plays it: what QEMU's hw/vfio does.
///
/// [VfioContainer] is the IOAS that holds guest RAM and the HWPTs on it; [VfioPci] opens, binds and
/// attaches one device; [VirtualFunction] is the function that the guest sees in its place;
/// [VfioInterrupts] turns the guest's MSI-X writes into KVM routes and `VFIO_DEVICE_SET_IRQS`,
/// [MsiInterrupts] its MSI writes.
///
/// Stands on the host's uAPI, `model.pci`, `msi`, `iommu`.
@NullMarked
package dev.belfry.vmm.vfio;

import org.jspecify.annotations.NullMarked;
