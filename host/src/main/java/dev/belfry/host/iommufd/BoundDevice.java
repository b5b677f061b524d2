package dev.belfry.host.iommufd;

import dev.belfry.host.iommu.IommuDevice;
import dev.belfry.host.uapi.Done;
import dev.belfry.host.uapi.Result;
import java.util.Optional;

/// A device that VFIO bound to a file (`struct iommufd_device`): what the kernel's own callers do
/// with it.
public final class BoundDevice extends IommufdObject {

    private final Iommufd file;
    private final IommuDevice device;
    private final GroupState group;
    private Optional<Vdevice> vdevice = Optional.empty();
    private SwMsiWindow window;

    BoundDevice(Iommufd file, IommuDevice device, GroupState group) {
        this.file = file;
        this.device = device;
        this.group = group;
        this.window = SwMsiWindow.of(device);
    }

    /// Where doorbells are mapped for it.
    SwMsiWindow window() {
        return window;
    }

    void setWindow(SwMsiWindow chosen) {
        window = chosen;
    }

    /// `dev_id` in the file.
    public int devId() {
        return id();
    }

    /// The device.
    public IommuDevice device() {
        return device;
    }

    /// The file that it is bound to.
    public Iommufd file() {
        return file;
    }

    GroupState group() {
        return group;
    }

    Optional<Vdevice> vdevice() {
        return vdevice;
    }

    void setVdevice(Vdevice vdevice) {
        this.vdevice = Optional.of(vdevice);
    }

    void clearVdevice() {
        vdevice = Optional.empty();
    }

    /// Whether it is attached to a HWPT.
    public boolean isAttached() {
        return group.devices().contains(this);
    }

    /// Attaches it, or one PASID of it, for the first time (`iommufd_device_attach`).
    ///
    /// @param pasid 0: what it does without a PASID
    /// @param ptId an IOAS or a HWPT; a PASID wants a HWPT that was made with [HwptAlloc#PASID]
    /// @return the HWPT's id; `ENOENT` for an unknown id, `EINVAL` for an object of another kind, a
    ///   group that is attached elsewhere, or a HWPT that does not go with PASIDs, `EBUSY` when it
    ///   is attached already, `EADDRINUSE` when a reserved region is mapped, and the driver's
    ///   errors
    public Result<Integer> attach(int pasid, int ptId) {
        return file.attachments().changePt(this, pasid, ptId, Attachments.Change.ATTACH);
    }

    /// Replaces what it, or one PASID of it, is attached to (`iommufd_device_replace`); when that
    /// fails, nothing changes.
    ///
    /// @return as [#attach]
    public Result<Integer> replace(int pasid, int ptId) {
        return file.attachments().changePt(this, pasid, ptId, Attachments.Change.REPLACE);
    }

    /// Detaches it, or one PASID of it: that DMA is blocked from then on. Nothing happens when it
    /// is not attached.
    public void detach(int pasid) {
        file.attachments().detach(this, pasid);
    }

    /// Ends the binding of a device that is detached: its vDEVICE gone (with a tombstone when the
    /// VMM forgot it), its group's DMA the kernel's again.
    public Result<Done> unbind() {
        file.unbind(this);
        return Result.done();
    }

    @Override
    String kind() {
        return "a device";
    }

    @Override
    void destroy() {
        group.group().release();
    }
}
