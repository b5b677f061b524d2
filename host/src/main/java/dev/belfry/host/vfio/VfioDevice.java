package dev.belfry.host.vfio;

import dev.belfry.host.iommu.IommuDevice;
import dev.belfry.host.iommufd.BoundDevice;
import dev.belfry.host.iommufd.Iommufd;
import dev.belfry.host.msi.DeviceMsi;
import dev.belfry.host.uapi.Done;
import dev.belfry.host.uapi.Errno;
import dev.belfry.host.uapi.EventFd;
import dev.belfry.host.uapi.Ioctl;
import dev.belfry.host.uapi.IoctlFilter;
import dev.belfry.host.uapi.KernelVersion;
import dev.belfry.host.uapi.Result;
import dev.belfry.model.memory.MmioDevice;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;

/// An open `/dev/vfio/devices/vfioN`: a method an ioctl. Until it is bound, every other call fails
/// with `EINVAL`.
public final class VfioDevice {

    /// `VFIO_DEVICE_ATTACH_PASID`.
    private static final int PASID = 1;

    private static final int NO_PASID = 0;

    private final VfioFunction function;
    private final IoctlFilter filter;
    private final VfioInterrupts interrupts;
    private final SetIrqs setIrqs;
    private Optional<BoundDevice> bound = Optional.empty();
    private final Set<Integer> pasids = new TreeSet<>();
    private boolean attached;
    private boolean open = true;

    VfioDevice(VfioFunction function, IoctlFilter filter) {
        this.function = function;
        this.filter = filter;
        this.interrupts = new VfioInterrupts(function.interruptContext());
        this.setIrqs = new SetIrqs(interrupts, function.intx(), function);
    }

    private <T> Result<T> bound(Ioctl call, Supplier<Result<T>> body) {
        return filter.run(
                call,
                () ->
                        bound.isPresent()
                                ? body.get()
                                : Result.err(
                                        Errno.EINVAL,
                                        function.name() + " is not bound to an iommufd"));
    }

    /// PCI address on the host.
    public String name() {
        return function.name();
    }

    /// The device as the IOMMU core knows it.
    public IommuDevice iommuDevice() {
        return function.iommuDevice();
    }

    /// What iommufd knows it by; empty before it is bound.
    public Optional<BoundDevice> boundDevice() {
        return bound;
    }

    /// `VFIO_DEVICE_BIND_IOMMUFD`, once a file.
    ///
    /// @return `dev_id`; `EINVAL` when bound already, and what [Iommufd#bind] fails with
    public Result<Integer> bindIommufd(int flags, Iommufd iommufd) {
        return filter.run(
                Ioctl.VFIO_DEVICE_BIND_IOMMUFD,
                () -> {
                    if (flags != 0) {
                        return Result.err(Errno.EINVAL, "no device here knows tokens");
                    }
                    if (bound.isPresent() || !open) {
                        return Result.err(Errno.EINVAL, name() + " is bound already, or closed");
                    }
                    if (function.isOpen()) {
                        return Result.err(Errno.EINVAL, name() + " is open elsewhere");
                    }
                    return iommufd.bind(function.iommuDevice())
                            .map(b -> {
                                bound = Optional.of(b);
                                function.enable();
                                return b.devId();
                            });
                });
    }

    /// `VFIO_DEVICE_ATTACH_IOMMUFD_PT`: attaches, or replaces what it is attached to.
    ///
    /// @param ptId an IOAS or a HWPT
    /// @return the HWPT's id
    public Result<Integer> attach(int flags, int ptId) {
        return attach(flags, ptId, NO_PASID);
    }

    /// As [#attach(int, int)]; with flag 1, from 6.15, one PASID of the device.
    ///
    /// @param pasid with the flag
    public Result<Integer> attach(int flags, int ptId, int pasid) {
        return bound(
                Ioctl.VFIO_DEVICE_ATTACH_IOMMUFD_PT,
                () -> checkFlags(flags).then(d -> change(flags, ptId, pasid)));
    }

    /// An attachment with the flag and one without are kept apart, also where the PASID is 0, which
    /// is none (`vfio_iommufd_physical_pasid_attach_ioas`).
    private Result<Integer> change(int flags, int ptId, int pasid) {
        BoundDevice device = bound.orElseThrow();
        boolean flagged = flags == PASID;
        if (flagged && pasid < 0) {
            return Result.err(Errno.ENOSPC, "a PASID is positive");
        }
        boolean replaces = flagged ? pasids.contains(pasid) : attached;
        int which = flagged ? pasid : NO_PASID;
        return (replaces ? device.replace(which, ptId) : device.attach(which, ptId))
                .map(hwpt -> {
                    attached |= !flagged;
                    if (flagged) {
                        pasids.add(pasid);
                    }
                    return hwpt;
                });
    }

    /// `VFIO_DEVICE_DETACH_IOMMUFD_PT`: DMA is blocked from then on.
    public Result<Done> detach(int flags) {
        return detach(flags, NO_PASID);
    }

    /// As [#detach(int)]; with flag 1, from 6.15, one PASID of the device.
    public Result<Done> detach(int flags, int pasid) {
        return bound(
                Ioctl.VFIO_DEVICE_DETACH_IOMMUFD_PT,
                () ->
                        checkFlags(flags)
                                .map(d -> {
                                    undo(flags, pasid);
                                    return d;
                                }));
    }

    private void undo(int flags, int pasid) {
        if (flags == PASID && pasids.remove(pasid)) {
            bound.orElseThrow().detach(pasid);
        } else if (flags == 0 && attached) {
            attached = false;
            bound.orElseThrow().detach(NO_PASID);
        }
    }

    private Result<Done> checkFlags(int flags) {
        boolean known =
                flags == 0
                        || (flags == PASID
                                && bound.orElseThrow().file().version().has(KernelVersion.V6_15));
        return known ? Result.done() : Result.err(Errno.EINVAL, "unknown flags");
    }

    /// `VFIO_DEVICE_GET_INFO`.
    ///
    /// @param flags 1 reset, 2 PCI
    /// @param regions how many
    /// @param irqs how many indices
    public record DeviceInfo(int flags, int regions, int irqs) {}

    /// `VFIO_DEVICE_GET_INFO`.
    public Result<DeviceInfo> getInfo() {
        return bound(
                Ioctl.VFIO_DEVICE_GET_INFO,
                () -> Result.ok(new DeviceInfo(3, Regions.COUNT, IrqIndex.values().length)));
    }

    /// `VFIO_DEVICE_GET_REGION_INFO`.
    ///
    /// @param index 0..5 BARs, 6 ROM, 7 configuration space, 8 VGA
    /// @return `EINVAL` for an index that does not exist
    public Result<RegionInfo> getRegionInfo(int index) {
        return bound(Ioctl.VFIO_DEVICE_GET_REGION_INFO, () -> function.regions().info(index));
    }

    /// `VFIO_DEVICE_GET_IRQ_INFO`.
    public Result<IrqInfo> getIrqInfo(int index) {
        return bound(
                Ioctl.VFIO_DEVICE_GET_IRQ_INFO,
                () ->
                        IrqIndex.of(index)
                                .map(i -> Result.ok(function.irqInfo(i)))
                                .orElse(Result.err(Errno.EINVAL, "no interrupt index " + index)));
    }

    /// `VFIO_DEVICE_SET_IRQS`.
    ///
    /// @return 0, or how many vectors there are when they are fewer than asked for, and then none
    ///   is enabled; `EINVAL` for what does not exist or does not fit, `ENOTTY` for masking MSIs,
    ///   `EBADF` for a closed eventfd, `ENOSPC` when the ITS has no room, and what mapping the
    ///   doorbell fails with
    public Result<Integer> setIrqs(IrqSet set) {
        return bound(Ioctl.VFIO_DEVICE_SET_IRQS, () -> setIrqs.run(set));
    }

    /// The administrator sends a vector to another CPU (`/proc/irq/N/smp_affinity`), in a way that
    /// writes its message again.
    ///
    /// @return whether there is such a vector
    public boolean setAffinity(int vector, int cpu) {
        return interrupts.setAffinity(vector, cpu);
    }

    /// The kernel writes the device's messages again from those that it has cached, as after the
    /// device lost them.
    public void restoreMessages() {
        interrupts.restore();
    }

    /// `VFIO_DEVICE_RESET`: a function level reset. Interrupts stay as the kernel has them.
    ///
    /// @return `EBUSY` while it is being reset already
    public Result<Done> reset() {
        return bound(Ioctl.VFIO_DEVICE_RESET, function::reset);
    }

    /// `VFIO_DEVICE_FEATURE`.
    ///
    /// @param flags number, and what is asked: GET, SET, PROBE
    /// @param data what follows the header
    /// @return `EINVAL` for flags that do not go together or too little data, `ENOTTY` for a
    ///   feature that is not there
    public Result<Done> feature(int flags, FeatureData data) {
        return bound(Ioctl.VFIO_DEVICE_FEATURE, () -> function.lowPower().feature(flags, data));
    }

    /// What follows the header of `VFIO_DEVICE_FEATURE`.
    ///
    /// @param length bytes
    /// @param eventfd the first field as a descriptor; empty when it is negative
    public record FeatureData(long length, Optional<EventFd> eventfd) {
        /// Nothing.
        public static final FeatureData NONE = new FeatureData(0, Optional.empty());
    }

    /// `pread(2)` from a region.
    ///
    /// @param width 1, 2, 4 or 8 bytes
    /// @return `EINVAL` beyond the region, `EIO` when memory decoding is off
    public Result<Long> read(int region, long offset, int width) {
        function.lowPower().wake();
        return bound.isPresent()
                ? function.regions().read(region, offset, width)
                : Result.err(Errno.EINVAL, name() + " is not bound");
    }

    /// `pwrite(2)` to a region.
    public Result<Done> write(int region, long offset, int width, long value) {
        function.lowPower().wake();
        return bound.isPresent()
                ? function.regions().write(region, offset, width, value)
                : Result.err(Errno.EINVAL, name() + " is not bound");
    }

    /// `mmap(2)` of a BAR: accesses go straight to the device, its MSI-X table included, which a
    /// VMM overlays with its own.
    ///
    /// @return `EINVAL` for a region that cannot be mapped
    public Result<MmioDevice> mmap(int region) {
        return bound.isPresent()
                ? function.regions().mmap(region)
                : Result.err(Errno.EINVAL, name() + " is not bound");
    }

    /// `close(2)`: interrupts off, detached, unbound.
    public void close() {
        interrupts.disable();
        function.intx().disable();
        unbind();
        open = false;
    }

    /// Undoes the binding (`vfio_df_close`).
    public void unbind() {
        if (bound.isPresent()) {
            List.copyOf(pasids).forEach(pasid -> undo(PASID, pasid));
            undo(0, NO_PASID);
            bound.get().unbind();
            function.disable();
        }
        bound = Optional.empty();
    }

    /// Vectors that are allocated, by index: what `belfry run` shows.
    public Collection<DeviceMsi.Vector> vectors() {
        return interrupts.msi().map(m -> m.vectors().values()).orElse(List.of()).stream()
                .sorted(java.util.Comparator.comparingInt(DeviceMsi.Vector::index))
                .toList();
    }

    /// The eventfd of a vector.
    public Optional<EventFd> eventfd(int vector) {
        return interrupts.trigger(vector);
    }
}
