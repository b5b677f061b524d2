package dev.belfry.vmm.iommu;

import dev.belfry.host.iommufd.Iommufd;
import dev.belfry.host.uapi.Done;
import dev.belfry.host.uapi.Result;

/// A device of the host as the vIOMMU handles it: QEMU's `HostIOMMUDeviceIOMMUFD`.
public interface HostIommuDevice {

    /// The host's name of it: `SSSS:BB:DD.F`.
    String hostName();

    /// The iommufd that it is bound to.
    Iommufd iommufd();

    /// Its id in that iommufd.
    int devId();

    /// The HWPT that VFIO attached it to: stage 2, guest-physical to host-physical.
    int parentHwpt();

    /// Where objects of that iommufd go.
    Discards discards();

    /// `VFIO_DEVICE_ATTACH_IOMMUFD_PT`: a replace when it is attached already.
    Result<Done> attach(int hwptId);

    /// `VFIO_DEVICE_DETACH_IOMMUFD_PT`: its DMA is blocked from then on.
    Result<Done> detach();

    /// `close(2)`: detached, unbound, reset. Cannot fail.
    void close();
}
