/// VFIO as a VMM uses it with iommufd: the character device of a PCI function (`drivers/vfio/pci`,
/// `include/uapi/linux/vfio.h`).
///
/// [VfioDevice] is the file: bind, attach (which replaces), detach, regions, interrupts, reset.
/// `SetIrqs` is `VFIO_DEVICE_SET_IRQS`: `Intx` for devices with a pin; `VfioInterrupts` programs
/// the physical table through [VectorProgrammer] (MSI-X or MSI) with messages from
/// [dev.belfry.host.msi.DeviceMsi]. Handlers signal eventfds.
///
/// PASIDs are attached by [VfioDevice#attach(int, int, int)].
///
/// A reset parks a device that has ATS on the blocking domain, from 7.0 on. Of
/// `VFIO_DEVICE_FEATURE` there is low power ([LowPower]).
///
/// Not modelled: migration and DMA logging features, dma-bufs of BARs.
///
/// Stands on `host.iommufd`, `host.msi`, `host.uapi`, `kernel.pci`.
@NullMarked
package dev.belfry.host.vfio;

import org.jspecify.annotations.NullMarked;
