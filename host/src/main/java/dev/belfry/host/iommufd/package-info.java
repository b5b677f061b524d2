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
/// Not modelled: access objects, dirty tracking, MAP_FILE, CHANGE_PROCESS, HW_QUEUE.
///
/// Stands on `host.iommu`, `host.memory`, `host.uapi`.
@NullMarked
package dev.belfry.host.iommufd;

import org.jspecify.annotations.NullMarked;
