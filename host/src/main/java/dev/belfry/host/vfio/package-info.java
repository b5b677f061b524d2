/// VFIO as a VMM uses it with iommufd: the character device of a PCI function (`drivers/vfio/pci`,
/// `include/uapi/linux/vfio.h`).
///
/// [VfioDevice] is the file: bind, attach (which replaces), detach, regions, interrupts, reset.
/// `VfioInterrupts` is `VFIO_DEVICE_SET_IRQS`; it programs the physical table through
/// [VectorProgrammer] (MSI-X or MSI) with messages from [dev.belfry.host.msi.DeviceMsi], and its
/// handlers signal eventfds.
///
/// PASIDs are attached by [VfioDevice#attach(int, int, int)].
///
/// Not modelled: INTx (no device here has a pin, so that its count is 0), migration features, ATS
/// held back during a reset.
///
/// Stands on `host.iommufd`, `host.msi`, `host.uapi`, `kernel.pci`.
@NullMarked
package dev.belfry.host.vfio;

import org.jspecify.annotations.NullMarked;
