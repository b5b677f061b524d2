package dev.belfry.vmm.vfio;

import dev.belfry.host.iommufd.Iommufd;
import dev.belfry.host.uapi.Done;
import dev.belfry.host.uapi.Errno;
import dev.belfry.host.uapi.Result;
import dev.belfry.host.vfio.IrqSet;
import dev.belfry.host.vfio.VfioDevice;
import dev.belfry.model.address.Iova;
import dev.belfry.model.pci.Endpoint;
import dev.belfry.vmm.iommu.Discards;
import dev.belfry.vmm.iommu.HostIommuDevice;
import dev.belfry.vmm.msi.MsiHandover;
import dev.belfry.vmm.refusal.RefusalLog;
import java.util.Optional;
import java.util.OptionalInt;

/// One `vfio-pci` device: an open cdev, bound to an iommufd, with the function that the guest sees
/// in its place.
public final class VfioPci implements HostIommuDevice {

    private static final int SW_MSI_START = 2;
    private static final int SW_MSI_SIZE = 3;

    private final VfioDevice device;
    private final OpenIommufd open;
    private final int devId;
    private final Endpoint function;
    private final RefusalLog log;
    private Optional<VfioContainer> container = Optional.empty();
    private OptionalInt parentHwpt = OptionalInt.empty();
    private boolean closed;

    private VfioPci(
            VfioDevice device, OpenIommufd open, int devId, Endpoint function, RefusalLog log) {
        this.device = device;
        this.open = open;
        this.devId = devId;
        this.function = function;
        this.log = log;
    }

    /// Binds an open cdev and builds the guest's function; closes it again when that fails.
    ///
    /// @param device just opened
    /// @param log where later refusals go
    public static Result<VfioPci> bind(VfioDevice device, OpenIommufd open, RefusalLog log) {
        Result<VfioPci> made =
                device.bindIommufd(0, open.iommufd())
                        .then(devId ->
                                VirtualFunction.of(device, log)
                                        .map(f -> new VfioPci(device, open, devId, f, log)));
        if (!made.isOk()) {
            device.close();
        }
        return made;
    }

    /// Attaches it to guest memory.
    ///
    /// @param nestParent whether its vIOMMU will nest
    public Result<Integer> attachTo(VfioContainer to, boolean nestParent) {
        Result<Integer> attached = to.attach(device, devId, nestParent);
        if (attached instanceof Result.Ok<Integer>(Integer hwpt)) {
            parentHwpt = OptionalInt.of(hwpt);
            container = Optional.of(to);
        }
        return attached;
    }

    /// Leaves guest memory and closes the cdev; its vIOMMU has let go of it.
    public void leave() {
        if (!closed) {
            log.passed("detaching " + hostName(), device.detach(0));
            close();
        }
        container.ifPresent(c -> c.left(device));
        container = Optional.empty();
        parentHwpt = OptionalInt.empty();
        open.discards().sweep();
    }

    /// Has doorbells mapped elsewhere, before it is attached.
    public Result<Long> chooseWindow(MsiHandover.Window window) {
        return iommufd()
                .option(SW_MSI_START, 0, devId, window.start())
                .then(v -> iommufd().option(SW_MSI_SIZE, 0, devId, window.mebibytes()));
    }

    /// Has the doorbell that it signals mapped in its stage 2.
    public Result<Done> mapDoorbell(Iova page) {
        return iommufd().mapMsi(parentHwpt(), devId, page);
    }

    /// The iommufd that it is bound to, with where its objects go.
    public OpenIommufd openIommufd() {
        return open;
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
        return open.iommufd();
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

    @Override
    public Result<Done> detach() {
        return device.detach(0);
    }

    /// `VFIO_DEVICE_SET_IRQS`; fewer vectors than asked for are none.
    Result<Done> setIrqs(IrqSet set) {
        return device.setIrqs(set)
                .then(fewer ->
                        fewer == 0
                                ? Result.done()
                                : Result.err(
                                        Errno.ENOSPC, "the host has only " + fewer + " vectors"));
    }

    @Override
    public Discards discards() {
        return open.discards();
    }

    /// After that no system call of this device does anything.
    @Override
    public void close() {
        device.close();
        closed = true;
    }
}
