/// The system calls as bytes: what crosses between a VMM's process and the kernel, so that a VMM
/// can be developed against it.
///
/// [ProcessFiles] is a process's table of descriptors: `ioctl(fd, number, bytes)` answers a value
/// or an errno, and changes the bytes. [AbiStruct] has every structure with its offsets,
/// [StructBytes] one structure's bytes. `IommufdDoor` and `VfioDoor` check what the kernel checks
/// about sizes, reserved fields and pointers, in its order, and then make the typed call of
/// [dev.belfry.host.iommufd.Iommufd] or [dev.belfry.host.vfio.VfioDevice].
///
/// Simplified: buffers of a driver's data are at most 64 KiB, lists of ranges 65,536 entries; a
/// memfd cannot be mapped; features of VFIO devices do nothing. What a real kernel answered to some
/// thousand calls is replayed in the tests (`dev.belfry.host.recorded`).
///
/// Sources: `linux/iommufd.h`, `linux/vfio.h`, `drivers/iommu/iommufd/main.c`.
@NullMarked
package dev.belfry.host.abi;

import org.jspecify.annotations.NullMarked;
