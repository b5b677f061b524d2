/// The PCI IOMMU operations: what a vIOMMU offers to the PCI bus, under the names that QEMU gives
/// them.
///
/// [PciIommuOps] is the seam; [EmulatedSmmu] and [AcceleratedSmmu] implement it. [AddressSpace]
/// says what a device's addresses mean to the VMM. [IommuBuses] finds the vIOMMU of a device.
///
/// Sources: facts of QEMU's hw/pci/pci.c, hw/arm/smmu-common.c, hw/arm/smmuv3-accel.c.
@NullMarked
package dev.belfry.vmm.iommu;

import org.jspecify.annotations.NullMarked;
