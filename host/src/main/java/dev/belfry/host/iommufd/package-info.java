/// iommufd (`drivers/iommu/iommufd`, `include/uapi/linux/iommufd.h`): the objects that a VMM builds
/// its DMA isolation from.
///
/// [Iommufd] is one open file: a method an ioctl, [dev.belfry.host.uapi.Result] with the kernel's
/// errno, checks in the kernel's order. Objects have ids from 1, the lowest that is free, and
/// counted users: `Ioas` <- `PagingHwpt` <- `Viommu` <- `NestedHwpt`, `Vdevice`, `Veventq`; what
/// has users cannot be destroyed (`EBUSY`).
///
/// - `IovaSpace`: areas, reserved and allowed ranges of an IOAS, and the domains that follow it;
/// - [BoundDevice]: a device that VFIO bound: attach, replace, detach (the kernel's side, no
///   ioctl);
/// - `SwMsi`: the window in which the kernel maps doorbells for devices of this file;
/// - [Veventq]: what the VMM reads.
///
/// A guest's own command queues (Tegra241 CMDQ-V, from 6.17), as a VMM asks for them:
///
/// 1. [Iommufd#getHwInfo] with flag 1 and type 3: [dev.belfry.host.iommu.CmdqvInfo], for PARAM;
/// 2. [Iommufd#viommuAlloc(int, int, int, int, dev.belfry.model.journey.Bytes)] with type 2 and 16
///    bytes: [AllocatedViommu#page] tells what to map;
/// 3. [Iommufd#mmap]: [RegisterMapping], page 0 of the virtual interface, to be shown to the guest;
/// 4. [Iommufd#vdeviceAlloc]: the hardware replaces that StreamID from then on;
/// 5. [Iommufd#hwQueueAlloc] when the guest sets a queue's base, ascending indexes; destroyed in
///    descending order, [RegisterMapping#unmap] before the vIOMMU;
/// 6. [Iommufd#veventqAlloc] of type 2: errors of queues, 16 bytes a record.
///
/// Layout of the pages: [dev.belfry.model.smmu.spec.CmdqvLayout]; the hardware itself:
/// [dev.belfry.model.smmu.Cmdqv].
///
/// Not modelled: access objects other than those of hardware queues.
///
/// Stands on `host.iommu`, `host.memory`, `host.uapi`.
@NullMarked
package dev.belfry.host.iommufd;

import org.jspecify.annotations.NullMarked;
