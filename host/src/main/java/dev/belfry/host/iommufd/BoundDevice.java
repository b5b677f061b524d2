package dev.belfry.host.iommufd;

import dev.belfry.host.iommu.IommuDevice;
import dev.belfry.host.uapi.Done;
import dev.belfry.host.uapi.Result;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// A device that VFIO bound to a file (`struct iommufd_device`): what the kernel's own callers do
/// with it.
public final class BoundDevice extends IommufdObject {

    private final Iommufd file;
    private final IommuDevice device;
    private final GroupState group;
    private final Map<Integer, Hwpt> pasids = new TreeMap<>();
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
        return group.attached().contains(this);
    }

    /// Attaches it, or replaces what it is attached to; when that fails, nothing changes.
    ///
    /// @param ptId an IOAS or a HWPT
    /// @return the HWPT's id; `ENOENT` for an unknown id, `EINVAL` for an object of another kind or
    ///   a group that is attached elsewhere, `EADDRINUSE` when a reserved region is mapped, and the
    ///   driver's errors
    public Result<Integer> attach(int ptId) {
        return file.attachments().changePt(this, ptId);
    }

    /// Detaches it; its DMA is blocked from then on. Nothing happens when it is not attached.
    public void detach() {
        if (isAttached()) {
            file.attachments().detach(this);
        }
    }

    /// Attaches one of its PASIDs, or replaces what that is attached to.
    ///
    /// @param ptId a HWPT that was made with [HwptAlloc#PASID], or an IOAS
    /// @return as [#attach]; `EINVAL` for a HWPT made otherwise, here or for the device itself, and
    ///   for a PASID beyond what device and IOMMU have
    public Result<Integer> attachPasid(int ptId, int pasid) {
        return file.attachments().changePasid(this, ptId, pasid);
    }

    /// Detaches a PASID; nothing happens when it is not attached.
    public void detachPasid(int pasid) {
        Optional.ofNullable(pasids.remove(pasid))
                .ifPresent(hwpt -> {
                    device.detachPasid(pasid);
                    file.attachments().leave(hwpt);
                });
    }

    /// HWPTs of PASIDs.
    Map<Integer, Hwpt> pasids() {
        return pasids;
    }

    /// Ends the binding: detached, its vDEVICE gone (with a tombstone when the VMM forgot it), its
    /// group's DMA the kernel's again.
    public Result<Done> unbind() {
        List.copyOf(pasids.keySet()).forEach(this::detachPasid);
        detach();
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
