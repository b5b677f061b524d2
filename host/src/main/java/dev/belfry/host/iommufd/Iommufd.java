package dev.belfry.host.iommufd;

import dev.belfry.host.iommu.DeviceInfo;
import dev.belfry.host.iommu.DmaOwner;
import dev.belfry.host.iommu.IommuDevice;
import dev.belfry.host.iommu.IommuGroup;
import dev.belfry.host.iommu.PagingDomain;
import dev.belfry.host.iommu.ViommuBackend;
import dev.belfry.host.memory.UserMemory;
import dev.belfry.host.msi.MsiDesign;
import dev.belfry.host.uapi.Done;
import dev.belfry.host.uapi.Errno;
import dev.belfry.host.uapi.Ioctl;
import dev.belfry.host.uapi.IoctlFilter;
import dev.belfry.host.uapi.KernelVersion;
import dev.belfry.host.uapi.Result;
import dev.belfry.model.address.Hpa;
import dev.belfry.model.address.Iova;
import dev.belfry.model.journey.Bytes;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/// One open `/dev/iommu`: a method an ioctl.
///
/// Each call is first offered to the [IoctlFilter], then refused with `ENOTTY` if the kernel is too
/// old for it, then checked in the kernel's order.
public final class Iommufd extends IoasIoctls implements DmaOwner {

    /// What a file is opened with.
    ///
    /// @param process the process that opens it, whose memory it maps
    /// @param pageShift log2 of the kernel's page size
    /// @param version the kernel
    /// @param allowUnsafeInterrupts the module option of that name
    /// @param filter asked before each call
    /// @param msi what an MSI design adds
    public record Setup(
            UserMemory process,
            int pageShift,
            KernelVersion version,
            boolean allowUnsafeInterrupts,
            IoctlFilter filter,
            MsiExtensions msi) {}

    /// What an MSI design adds to the uAPI.
    ///
    /// @param features which calls and options there are
    /// @param doorbell the doorbell register that a device signals
    public record MsiExtensions(
            Set<MsiDesign.Feature> features, Function<IommuDevice, Optional<Hpa>> doorbell) {}

    /// File descriptors of queues are counted from here; the numbers mean nothing.
    private static final int FIRST_FD = 100;

    private final SwMsi swMsi;
    private final Attachments attachments;
    private final HwptCalls hwpts;
    private final DirtyCalls dirty;
    private final ViommuCalls viommus;
    private final MsiMaps msiMaps;
    private final MmapTable mmaps;
    private final HwQueueCalls hwQueues;
    private final Map<IommuGroup, GroupState> groups = new HashMap<>();
    private int nextFd = FIRST_FD;
    private boolean closed;

    /// `open("/dev/iommu")`.
    public Iommufd(Setup setup) {
        super(setup);
        this.swMsi = new SwMsi(setup.pageShift);
        this.attachments = new Attachments(objects, swMsi);
        this.hwpts = new HwptCalls(objects);
        this.dirty = new DirtyCalls(objects, setup.version);
        this.mmaps = new MmapTable(1L << setup.pageShift);
        this.viommus = new ViommuCalls(objects, mmaps, invalidationBounds());
        this.hwQueues = new HwQueueCalls(objects, setup.pageShift);
        this.msiMaps = new MsiMaps(objects, setup.pageShift, setup.msi);
    }

    Attachments attachments() {
        return attachments;
    }

    /// The kernel's release.
    public KernelVersion version() {
        return setup.version;
    }

    /// How large an array of invalidations may be.
    public InvalidationBounds invalidationBounds() {
        return new InvalidationBounds(setup.version, setup.pageShift);
    }

    /// `IOMMU_DESTROY`.
    ///
    /// @return `ENOENT` for an unknown id, `EBUSY` while others use the object
    public Result<Done> destroy(int id) {
        return call(
                Ioctl.IOMMU_DESTROY,
                () ->
                        objects.destroy(id)
                                .map(d -> {
                                    compatIoas.forget(id);
                                    return d;
                                }));
    }

    /// `IOMMU_HWPT_ALLOC`.
    ///
    /// @return the HWPT's id; `EIO` for a guest STE that is not allowed
    public Result<Integer> hwptAlloc(HwptAlloc request) {
        return call(Ioctl.IOMMU_HWPT_ALLOC, () -> hwpts.alloc(request));
    }

    /// `IOMMU_HWPT_SET_DIRTY_TRACKING`.
    ///
    /// @param flags 1 enables, and begins anew; 0 disables
    /// @return `EOPNOTSUPP` for a HWPT that was not made with [HwptAlloc#DIRTY_TRACKING]
    public Result<Done> hwptSetDirtyTracking(int flags, int hwptId) {
        return call(Ioctl.IOMMU_HWPT_SET_DIRTY_TRACKING, () -> dirty.set(flags, hwptId));
    }

    /// `IOMMU_HWPT_GET_DIRTY_BITMAP`.
    ///
    /// @param flags 1 (`NO_CLEAR`) leaves what is told as it is
    /// @param pageSize bytes that a bit of the caller's bitmap stands for
    /// @param ranges told of what was written, also before a failure
    /// @return `EOVERFLOW` for a range that wraps, `EINVAL` for one that is not aligned or has
    ///   holes
    public Result<Done> hwptGetDirtyBitmap(
            int flags,
            int hwptId,
            Iova iova,
            long length,
            long pageSize,
            PagingDomain.DirtyRanges ranges) {
        return call(
                Ioctl.IOMMU_HWPT_GET_DIRTY_BITMAP,
                () ->
                        dirty.get(
                                flags,
                                hwptId,
                                new DirtyCalls.Range(iova, length, pageSize),
                                ranges));
    }

    /// `IOMMU_GET_HW_INFO`.
    ///
    /// @param flags 0, or from 6.17 1 (`INPUT_TYPE`), which makes `inputType` count
    /// @param inputType 0 or the type that is wanted
    public Result<DeviceInfo> getHwInfo(int flags, int devId, int inputType) {
        return call(
                Ioctl.IOMMU_GET_HW_INFO,
                () -> HwInfoCall.run(objects, setup.version, flags, devId, inputType));
    }

    /// `IOMMU_HWPT_INVALIDATE`: also tells how many commands were handled when it fails.
    ///
    /// @param targetId a vIOMMU
    /// @param dataType 1: SMMUv3 commands
    /// @param entryLength 16
    /// @param commands two words each, in order
    public ViommuBackend.Invalidated hwptInvalidate(
            int targetId, int dataType, int entryLength, List<long[]> commands) {
        Optional<Errno> failure = setup.filter.failure(Ioctl.IOMMU_HWPT_INVALIDATE);
        return failure.isPresent()
                ? new ViommuBackend.Invalidated(0, failure, "made to fail")
                : viommus.invalidate(targetId, dataType, entryLength, commands);
    }

    /// `IOMMU_FAULT_QUEUE_ALLOC`.
    public Result<FaultQueue> faultQueueAlloc(int flags) {
        return call(
                Ioctl.IOMMU_FAULT_QUEUE_ALLOC,
                () ->
                        flags != 0
                                ? Result.err(Errno.EOPNOTSUPP, "unknown flags")
                                : Result.ok(objects.add(new FaultQueue(nextFd++))));
    }

    /// `IOMMU_VIOMMU_ALLOC`, from 6.13.
    ///
    /// @param type 1: SMMUv3
    /// @param hwptId the nest parent
    /// @return the vIOMMU's id
    public Result<Integer> viommuAlloc(int flags, int type, int devId, int hwptId) {
        return viommuAlloc(flags, type, devId, hwptId, Bytes.NONE).map(AllocatedViommu::id);
    }

    /// `IOMMU_VIOMMU_ALLOC` with data of the driver, from 6.17.
    ///
    /// @param type 2: Tegra241 CMDQ-V, whose data are 16 bytes to be filled
    public Result<AllocatedViommu> viommuAlloc(
            int flags, int type, int devId, int hwptId, Bytes data) {
        return since(
                KernelVersion.V6_13,
                Ioctl.IOMMU_VIOMMU_ALLOC,
                () -> viommus.alloc(flags, type, devId, hwptId, data));
    }

    /// `IOMMU_HW_QUEUE_ALLOC`, from 6.17: a queue in guest memory for hardware to read.
    ///
    /// @param type 1: Tegra241 CMDQ-V
    /// @param index which of the vIOMMU's, in ascending order
    /// @param base guest physical address, `nesting_parent_iova`
    /// @param length bytes: a power of two, 32 to 16 << IDR1.CMDQS
    /// @return its id; `EFAULT` when it is not contiguous in host memory, `EIO` for an index before
    ///   its turn, `EEXIST` for one that is taken
    public Result<Integer> hwQueueAlloc(
            int flags, int viommuId, int type, int index, Iova base, long length) {
        return since(
                KernelVersion.V6_17,
                Ioctl.IOMMU_HW_QUEUE_ALLOC,
                () ->
                        hwQueues.alloc(
                                new HwQueueCalls.Request(
                                        flags, viommuId, type, index, base, length)));
    }

    /// `mmap(2)`, shared: the page of registers that [AllocatedViommu#page] tells of.
    ///
    /// @return `ENODEV` before 6.17, `EINVAL` for a length that is not of whole pages, `ENXIO` for
    ///   what the kernel told nobody
    public Result<RegisterMapping> mmap(long offset, long length) {
        return setup.version.has(KernelVersion.V6_17)
                ? mmaps.map(offset, length)
                : Result.err(Errno.ENODEV, "Linux " + setup.version + " maps nothing of iommufd");
    }

    /// `IOMMU_VDEVICE_ALLOC`, from 6.13.
    ///
    /// @param virtualId the StreamID that the guest knows the device by
    /// @return the vDEVICE's id
    public Result<Integer> vdeviceAlloc(int viommuId, int devId, long virtualId) {
        return since(
                KernelVersion.V6_13,
                Ioctl.IOMMU_VDEVICE_ALLOC,
                () -> viommus.allocVdevice(viommuId, devId, virtualId));
    }

    /// `IOMMU_VEVENTQ_ALLOC`, from 6.15.
    ///
    /// @param type 1: SMMUv3
    /// @param depth how many events it holds
    public Result<Veventq> veventqAlloc(int flags, int viommuId, int type, int depth) {
        return since(
                KernelVersion.V6_15,
                Ioctl.IOMMU_VEVENTQ_ALLOC,
                () -> viommus.allocVeventq(flags, viommuId, type, depth, nextFd++));
    }

    /// `IOMMU_MAP_MSI`, with [MsiDesign.Feature#MAP_MSI]: puts the page of the doorbell that a
    /// device signals into stage 2.
    ///
    /// @param hwptId a nesting parent
    /// @param devId whose doorbell; stands for the vITS by which KVM would name and authorise it
    /// @param iova where; a page's address
    /// @return `ENOTTY` without the feature, `ENOENT` for unknown ids, `EINVAL` for a HWPT that is
    ///   no parent or an address inside a page, `EEXIST` when something else is there
    public Result<Done> mapMsi(int hwptId, int devId, Iova iova) {
        return call(Ioctl.IOMMU_MAP_MSI, () -> msiMaps.map(hwptId, devId, iova));
    }

    /// `iommufd_device_bind`, for VFIO.
    ///
    /// @return `EINVAL` for a device that is not coherent, `EPERM` for a group without isolated MSI
    ///   unless the module option allows it, `EBUSY` when another owns the group's DMA
    public Result<BoundDevice> bind(IommuDevice device) {
        if (!device.cacheCoherent()) {
            return Result.err(
                    Errno.EINVAL, "the IOMMU does not keep DMA of " + device.name() + " coherent");
        }
        IommuGroup group = device.group();
        boolean isolated = group.devices().stream().allMatch(IommuDevice::isolatedMsi);
        if (!isolated && !setup.allowUnsafeInterrupts) {
            return Result.err(
                    Errno.EPERM,
                    "group "
                            + group.id()
                            + " has no isolated MSI; iommufd.allow_unsafe_interrupts is not set");
        }
        return group.claim(this)
                .map(d -> {
                    GroupState state = groups.computeIfAbsent(group, GroupState::new);
                    return objects.add(new BoundDevice(this, device, state));
                });
    }

    void unbind(BoundDevice device) {
        device.vdevice().ifPresent(objects::removeToTombstone);
        objects.remove(device);
        if (closed) {
            objects.destroyAll();
        }
    }

    @Override
    public Result<Optional<Iova>> swMsi(IommuGroup group, Hpa doorbell) {
        GroupState state = groups.get(group);
        if (state != null && state.hwpt().isPresent()) {
            return swMsi.map(state, doorbell);
        }
        return setup.version.has(KernelVersion.V6_16)
                ? Result.err(Errno.EOPNOTSUPP, "the group is attached to nothing")
                : Result.ok(Optional.empty());
    }

    /// `close(2)`: everything is destroyed, leaves first; what bound devices hold goes when they
    /// are unbound.
    public void close() {
        closed = true;
        for (IommufdObject o : objects.all()) {
            switch (o) {
                case Veventq q -> q.close();
                case FaultQueue q -> q.close();
                default -> {}
            }
        }
        objects.destroyAll();
    }

    /// What a person wants to see of it.
    public IommufdView inspect() {
        return new IommufdView(objects, swMsi);
    }
}
