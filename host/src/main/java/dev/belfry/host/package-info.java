/// The host: a physical machine and the kernel that runs it, as a VMM sees them.
///
/// [HostKernel] is where to start: it boots on a [dev.belfry.host.machine.HostMachine] and gives a
/// VMM its files. A VMM speaks to it only through the uAPI:
///
/// | package | what | files |
/// |---|---|---|
/// | `iommufd` | I/O address spaces, HWPTs, vIOMMUs | `/dev/iommu` |
/// | `vfio` | devices: attach, regions, interrupts | `/dev/vfio/devices/vfioN` |
/// | `kvm` | memory slots, vGIC, GSI routes, irqfds | `/dev/kvm` |
/// | `memory` | a process's memory over host pages | `mmap` |
/// | `abi` | the same calls as bytes: descriptor, ioctl number, structure | all of them |
///
/// Below these: `smmu` is the SMMUv3 driver with nesting, `msi` the interrupt domains, `iommu` the
/// seam between iommufd and drivers. `machine` is the hardware, `description` says what it is made
/// of. `uapi` has errno, results, eventfds, and the seam for injected failures.
///
/// [DeviceReport] is what `belfry run` prints of a device.
///
/// A host lives on one thread. Sources: Linux 6.13 to 7.3 (`drivers/iommu/iommufd`,
/// `drivers/iommu/arm/arm-smmu-v3`, `drivers/vfio`, `arch/arm64/kvm/vgic`), IHI 0070, IHI 0069.
@NullMarked
package dev.belfry.host;

import org.jspecify.annotations.NullMarked;
