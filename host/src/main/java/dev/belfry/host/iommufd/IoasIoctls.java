package dev.belfry.host.iommufd;

import dev.belfry.host.memory.MemFile;
import dev.belfry.host.memory.UserVa;
import dev.belfry.host.msi.MsiDesign;
import dev.belfry.host.uapi.Done;
import dev.belfry.host.uapi.Errno;
import dev.belfry.host.uapi.Ioctl;
import dev.belfry.host.uapi.KernelVersion;
import dev.belfry.host.uapi.Result;
import dev.belfry.model.address.Iova;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/// What all ioctls of a file have in common, and those on IOASs and options.
abstract sealed class IoasIoctls permits Iommufd {

    final Iommufd.Setup setup;
    final ObjectTable objects = new ObjectTable();
    final CompatIoas compatIoas = new CompatIoas(objects);
    private final IoasCalls ioas;
    private final Options options;

    IoasIoctls(Iommufd.Setup setup) {
        this.setup = setup;
        this.options =
                new Options(
                        objects,
                        setup.msi().features().contains(MsiDesign.Feature.WINDOW_OPTIONS),
                        setup.process());
        this.ioas = new IoasCalls(objects, setup.process(), setup.pageShift(), options::accounting);
    }

    /// A call that came with a release.
    final <T> Result<T> since(KernelVersion first, Ioctl call, Supplier<Result<T>> body) {
        return setup.filter()
                .run(
                        call,
                        () ->
                                setup.version().has(first)
                                        ? body.get()
                                        : Result.err(
                                                Errno.ENOTTY,
                                                "Linux "
                                                        + setup.version()
                                                        + " does not know "
                                                        + call));
    }

    /// A call that is as old as the rest.
    final <T> Result<T> call(Ioctl call, Supplier<Result<T>> body) {
        return setup.filter().run(call, body);
    }

    /// `IOMMU_IOAS_ALLOC`.
    ///
    /// @param flags 0, else `EOPNOTSUPP`
    /// @return the IOAS's id
    public Result<Integer> ioasAlloc(int flags) {
        return call(
                Ioctl.IOMMU_IOAS_ALLOC,
                () ->
                        flags != 0
                                ? Result.err(Errno.EOPNOTSUPP, "unknown flags")
                                : Result.ok(objects.add(new Ioas(1L << setup.pageShift())).id()));
    }

    /// `IOMMU_IOAS_MAP`.
    ///
    /// @param flags [MapFlags]
    /// @param iova where, with [MapFlags#FIXED_IOVA]
    /// @return where it was mapped
    public Result<Iova> ioasMap(int ioasId, int flags, UserVa va, long length, Iova iova) {
        return call(Ioctl.IOMMU_IOAS_MAP, () -> ioas.map(ioasId, flags, va, length, iova));
    }

    /// `IOMMU_IOAS_MAP_FILE`, from 6.13.
    ///
    /// @param file empty for a descriptor of no file
    /// @param start offset in the file
    public Result<Iova> ioasMapFile(
            int ioasId, int flags, Optional<MemFile> file, long start, long length, Iova iova) {
        return since(
                KernelVersion.V6_13,
                Ioctl.IOMMU_IOAS_MAP_FILE,
                () -> ioas.mapFile(ioasId, flags, file, start, length, iova));
    }

    /// `IOMMU_IOAS_CHANGE_PROCESS`, from 6.14: pinned memory is charged to the caller from now on.
    ///
    /// @return `EINVAL` when anything but files is mapped
    public Result<Done> ioasChangeProcess() {
        return since(KernelVersion.V6_14, Ioctl.IOMMU_IOAS_CHANGE_PROCESS, ioas::changeProcess);
    }

    /// `IOMMU_VFIO_IOAS`.
    ///
    /// @param op 0 `GET`, 1 `SET`, 2 `CLEAR`
    /// @return the IOAS, for `GET`; `ENODEV` when there is none
    public Result<Integer> vfioIoas(int op, int ioasId) {
        return call(Ioctl.IOMMU_VFIO_IOAS, () -> compatIoas.run(op, ioasId));
    }

    /// `IOMMU_IOAS_UNMAP`; 0 and `U64_MAX` unmap all.
    ///
    /// @return bytes unmapped
    public Result<Long> ioasUnmap(int ioasId, Iova iova, long length) {
        return call(Ioctl.IOMMU_IOAS_UNMAP, () -> ioas.unmap(ioasId, iova, length));
    }

    /// `IOMMU_IOAS_COPY`.
    ///
    /// @return where it was mapped in the destination
    public Result<Iova> ioasCopy(
            int dstIoasId, int srcIoasId, int flags, long length, Iova dstIova, Iova srcIova) {
        return call(
                Ioctl.IOMMU_IOAS_COPY,
                () -> ioas.copy(dstIoasId, srcIoasId, flags, length, dstIova, srcIova));
    }

    /// `IOMMU_IOAS_IOVA_RANGES`.
    ///
    /// @param room how many ranges the caller has room for
    public Result<IovaRanges> ioasIovaRanges(int ioasId, int room) {
        return call(Ioctl.IOMMU_IOAS_IOVA_RANGES, () -> ioas.ranges(ioasId, room));
    }

    /// `IOMMU_IOAS_ALLOW_IOVAS`.
    public Result<Done> ioasAllowIovas(int ioasId, List<IovaRange> ranges) {
        return call(
                Ioctl.IOMMU_IOAS_ALLOW_IOVAS,
                () ->
                        objects.get(ioasId, Ioas.class)
                                .then(i -> i.space().reservations().allow(ranges)));
    }

    /// `IOMMU_OPTION`.
    ///
    /// @param option 0 `RLIMIT_MODE`, 1 `HUGE_PAGES`; with [MsiDesign.Feature#WINDOW_OPTIONS] also
    ///   2 `SW_MSI_START` and 3 `SW_MSI_SIZE`, of a device
    /// @param op 0 `SET`, 1 `GET`
    /// @return the value, for `GET`
    public Result<Long> option(int option, int op, int objectId, long value) {
        return call(Ioctl.IOMMU_OPTION, () -> options.option(option, op, objectId, value));
    }
}
