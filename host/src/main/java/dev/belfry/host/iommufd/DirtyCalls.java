package dev.belfry.host.iommufd;

import dev.belfry.host.iommu.PagingDomain;
import dev.belfry.host.uapi.Done;
import dev.belfry.host.uapi.Errno;
import dev.belfry.host.uapi.KernelVersion;
import dev.belfry.host.uapi.Result;
import dev.belfry.model.address.Iova;

/// `IOMMU_HWPT_SET_DIRTY_TRACKING` and `IOMMU_HWPT_GET_DIRTY_BITMAP`.
record DirtyCalls(ObjectTable objects, KernelVersion version) {

    /// What is asked of `IOMMU_HWPT_GET_DIRTY_BITMAP`.
    ///
    /// @param pageSize bytes that a bit stands for
    record Range(Iova iova, long length, long pageSize) {
        long last() {
            return iova.value() + length - 1;
        }
    }

    private static final int ENABLE = 1;
    private static final int NO_CLEAR = 1;

    /// Dirty state is kept all the time; enabling begins anew.
    Result<Done> set(int flags, int hwptId) {
        if ((flags & ~ENABLE) != 0) {
            return Result.err(Errno.EOPNOTSUPP, "unknown flags");
        }
        return objects.get(hwptId, PagingHwpt.class)
                .then(hwpt -> tracking(hwpt.domain()).map(d -> hwpt))
                .map(hwpt -> {
                    if ((flags & ENABLE) != 0) {
                        hwpt.ioas().space().areas().forEach(a -> clear(hwpt.domain(), a));
                    }
                    return Done.DONE;
                });
    }

    private static void clear(PagingDomain domain, Area area) {
        domain.readDirty(new Iova(area.start()), area.length(), true, (iova, size) -> {});
    }

    private static Result<Done> tracking(PagingDomain domain) {
        return domain.tracksDirty()
                ? Result.done()
                : Result.err(Errno.EOPNOTSUPP, "the HWPT was not made to track what is written");
    }

    Result<Done> get(int flags, int hwptId, Range range, PagingDomain.DirtyRanges ranges) {
        if ((flags & ~NO_CLEAR) != 0) {
            return Result.err(Errno.EOPNOTSUPP, "unknown flags");
        }
        return objects.get(hwptId, PagingHwpt.class)
                .then(hwpt ->
                        check(hwpt.ioas().space().alignment(), range)
                                .then(d -> tracking(hwpt.domain()))
                                .then(d -> read(hwpt, flags == 0, range, ranges)));
    }

    /// `iommufd_check_iova_range`.
    private Result<Done> check(long alignment, Range r) {
        if (r.length == 0 && version.has(KernelVersion.V7_3)) {
            return Result.err(Errno.EINVAL, "the length is 0");
        }
        if (Long.compareUnsigned(r.last(), r.iova.value()) < 0) {
            return Result.err(Errno.EOVERFLOW, "the range wraps");
        }
        long ends = r.iova.value() | (r.last() + 1);
        boolean aligned =
                (ends & (alignment - 1)) == 0 && r.pageSize != 0 && (ends & (r.pageSize - 1)) == 0;
        return aligned
                ? Result.done()
                : Result.err(
                        Errno.EINVAL,
                        "the range begins and ends at a multiple of page_size and of " + alignment);
    }

    /// Areas must lie side by side; those before a hole are told of all the same.
    private static Result<Done> read(
            PagingHwpt hwpt, boolean clear, Range r, PagingDomain.DirtyRanges ranges) {
        long at = r.iova.value();
        for (Area a : hwpt.ioas().space().areas()) {
            boolean covers = a.intersects(at, at);
            if (covers) {
                long last = Long.compareUnsigned(a.last(), r.last()) < 0 ? a.last() : r.last();
                hwpt.domain().readDirty(new Iova(at), last - at + 1, clear, ranges);
                if (last == r.last()) {
                    return Result.done();
                }
                at = last + 1;
            }
        }
        return Result.err(Errno.EINVAL, "not all of the range is mapped");
    }
}
