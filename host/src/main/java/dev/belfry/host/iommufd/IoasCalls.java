package dev.belfry.host.iommufd;

import dev.belfry.host.memory.MemFile;
import dev.belfry.host.memory.UserMemory;
import dev.belfry.host.memory.UserVa;
import dev.belfry.host.uapi.Done;
import dev.belfry.host.uapi.Errno;
import dev.belfry.host.uapi.Result;
import dev.belfry.model.address.Iova;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Supplier;

/// The ioctls on IOASs that map and unmap, in the kernel's order of checks
/// (`drivers/iommu/iommufd/ioas.c`).
///
/// @param accounting where pinned memory is counted, unless the process has `CAP_IPC_LOCK`
record IoasCalls(
        ObjectTable objects,
        UserMemory process,
        int pageShift,
        Supplier<UserMemory.Accounting> accounting) {

    /// For what one call maps.
    private PinnedPages pinned() {
        boolean free = process.limits().ipcLock();
        return new PinnedPages(
                process, free ? UserMemory.Accounting.NONE : accounting.get(), pageShift);
    }

    Result<Iova> map(int ioasId, int flags, UserVa va, long length, Iova iova) {
        return MapFlags.check(flags, iova.value(), length)
                .then(d -> objects.get(ioasId, Ioas.class))
                .then(ioas -> {
                    if (IovaSpace.wraps(va.value(), length)) {
                        return Result.err(Errno.EOVERFLOW, "user_va + length wraps");
                    }
                    boolean writable = (flags & MapFlags.WRITEABLE) != 0;
                    var pages = new Pages.User(process, va, writable, pinned());
                    return insert(ioas, List.of(IovaSpace.slice(pages, length)), flags, iova);
                });
    }

    /// @param file empty for a descriptor of no file
    Result<Iova> mapFile(
            int ioasId, int flags, Optional<MemFile> file, long start, long length, Iova iova) {
        return MapFlags.check(flags, iova.value(), length)
                .then(d -> objects.get(ioasId, Ioas.class))
                .then(ioas -> {
                    if (file.isEmpty()) {
                        return Result.err(Errno.EBADF, "the descriptor is of no file");
                    }
                    if (length != 0 && IovaSpace.wraps(start, length - 1)) {
                        return Result.err(Errno.EOVERFLOW, "start + length wraps");
                    }
                    boolean writable = (flags & MapFlags.WRITEABLE) != 0;
                    var pages = new Pages.File(file.get(), start, writable, pinned());
                    return insert(ioas, List.of(IovaSpace.slice(pages, length)), flags, iova);
                });
    }

    /// Whoever calls is charged for pinned memory from now on. A file has one process here, so that
    /// only the check remains.
    ///
    /// @return `EINVAL` when an area maps other than a file
    Result<Done> changeProcess() {
        boolean files =
                objects.all().stream()
                        .filter(Ioas.class::isInstance)
                        .flatMap(o -> ((Ioas) o).space().areas().stream())
                        .allMatch(a -> a.pages() instanceof Pages.File);
        return files
                ? Result.done()
                : Result.err(Errno.EINVAL, "memory of a process is mapped, not of a file");
    }

    Result<Iova> copy(
            int dstIoasId, int srcIoasId, int flags, long length, Iova dstIova, Iova srcIova) {
        return MapFlags.check(flags, length, srcIova.value(), dstIova.value())
                .then(d -> objects.get(srcIoasId, Ioas.class))
                .then(src -> src.space().slices(srcIova.value(), length))
                .then(slices ->
                        objects.get(dstIoasId, Ioas.class)
                                .then(dst -> insert(dst, slices, flags, dstIova)));
    }

    private static Result<Iova> insert(Ioas ioas, List<Area> slices, int flags, Iova iova) {
        boolean fixed = (flags & MapFlags.FIXED_IOVA) != 0;
        OptionalLong where = fixed ? OptionalLong.of(iova.value()) : OptionalLong.empty();
        return ioas.space().map(slices, where, MapFlags.prot(flags)).map(Iova::new);
    }

    Result<Long> unmap(int ioasId, Iova iova, long length) {
        return objects.get(ioasId, Ioas.class)
                .then(ioas -> {
                    if (iova.value() == 0 && length == -1L) {
                        return ioas.space().unmapAll();
                    }
                    return unmapRange(ioas.space(), iova.value(), length);
                });
    }

    private static Result<Long> unmapRange(IovaSpace space, long iova, long length) {
        if (iova == -1L || length == -1L) {
            return Result.err(Errno.EOVERFLOW, "an address or length is too large");
        }
        if (length == 0) {
            return Result.err(Errno.EINVAL, "the length is 0");
        }
        long last = iova + length - 1;
        return Long.compareUnsigned(last, iova) < 0
                ? Result.err(Errno.EOVERFLOW, "the range wraps")
                : space.unmap(iova, last);
    }

    /// @param room how many ranges the caller has room for, unsigned
    Result<IovaRanges> ranges(int ioasId, int room) {
        return objects.get(ioasId, Ioas.class)
                .map(i -> {
                    List<IovaRange> all = i.space().reservations().holes();
                    boolean fits = Integer.compareUnsigned(room, all.size()) >= 0;
                    return new IovaRanges(
                            fits ? all : all.subList(0, room),
                            all.size(),
                            i.space().alignment(),
                            fits ? Optional.empty() : Optional.of(Errno.EMSGSIZE));
                });
    }
}
