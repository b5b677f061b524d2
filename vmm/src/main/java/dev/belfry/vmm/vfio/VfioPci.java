package dev.belfry.vmm.vfio;

import dev.belfry.host.iommufd.Iommufd;
import dev.belfry.host.uapi.Done;
import dev.belfry.host.uapi.Result;
import dev.belfry.host.vfio.VfioDevice;
import dev.belfry.model.address.Iova;
import dev.belfry.model.pci.Endpoint;
import dev.belfry.vmm.iommu.HostIommuDevice;
import dev.belfry.vmm.msi.MsiHandover;
import java.util.OptionalInt;

/// One `vfio-pci` device: an open cdev, bound to an iommufd, with the function that the guest sees
/// in its place.
public final class VfioPci implements HostIommuDevice {

    private static final int SW_MSI_START = 2;
    private static final int SW_MSI_SIZE = 3;

    private final VfioDevice device;
    private final Iommufd iommufd;
    private final int devId;
    private final Endpoint function;
    private OptionalInt parentHwpt = OptionalInt.empty();

    private VfioPci(VfioDevice device, Iommufd iommufd, int devId, Endpoint function) {
        this.device = device;
        this.iommufd = iommufd;
        this.devId = devId;
        this.function = function;
    }

    /// Binds an open cdev and builds the guest's function.
    ///
    /// @param device just opened
    public static Result<VfioPci> bind(VfioDevice device, Iommufd iommufd) {
        return device.bindIommufd(0, iommufd)
                .then(devId ->
                        VirtualFunction.of(device)
                                .map(f -> new VfioPci(device, iommufd, devId, f)));
    }

    /// Attaches it to guest memory.
    ///
    /// @param nestParent whether its vIOMMU will nest
    public Result<Integer> attachTo(VfioContainer container, boolean nestParent) {
        Result<Integer> attached = container.attach(device, devId, nestParent);
        if (attached instanceof Result.Ok<Integer>(Integer hwpt)) {
            parentHwpt = OptionalInt.of(hwpt);
        }
        return attached;
    }

    /// Has doorbells mapped elsewhere, before it is attached.
    public Result<Long> chooseWindow(MsiHandover.Window window) {
        return iommufd.option(SW_MSI_START, 0, devId, window.start())
                .then(v -> iommufd.option(SW_MSI_SIZE, 0, devId, window.mebibytes()));
    }

    /// Has the doorbell that it signals mapped in its stage 2.
    public Result<Done> mapDoorbell(Iova page) {
        return iommufd.mapMsi(parentHwpt(), devId, page);
    }

    /// The host's side.
    public VfioDevice device() {
        return device;
    }

    /// The guest's side.
    public Endpoint function() {
        return function;
    }

    @Override
    public String hostName() {
        return device.name();
    }

    @Override
    public Iommufd iommufd() {
        return iommufd;
    }

    @Override
    public int devId() {
        return devId;
    }

    @Override
    public int parentHwpt() {
        return parentHwpt.orElseThrow(
                () -> new IllegalStateException(hostName() + " is not attached to guest memory"));
    }

    @Override
    public Result<Done> attach(int hwptId) {
        return device.attach(0, hwptId).map(id -> Done.DONE);
    }
}
