/// VFIO as a VMM uses it with iommufd: the character device of a PCI function (`drivers/vfio/pci`,
/// `include/uapi/linux/vfio.h`).
///
/// [VfioDevice] is the file: bind, attach (which replaces), detach, regions, interrupts, reset.
/// `VfioInterrupts` is `VFIO_DEVICE_SET_IRQS`; it programs the physical table through
/// [VectorProgrammer] (MSI-X or MSI) with messages from [dev.belfry.host.msi.DeviceMsi], and its
/// handlers signal eventfds.
///
/// Not modelled: INTx (no device here has it), PASID attach, migration features.
///
/// Stands on `host.iommufd`, `host.msi`, `host.uapi`, `kernel.pci`.
@NullMarked
package dev.belfry.host.vfio;

import org.jspecify.annotations.NullMarked;
