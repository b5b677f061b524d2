package dev.belfry.host.iommufd;

import dev.belfry.host.iommu.PagingDomain;
import dev.belfry.host.uapi.Done;
import dev.belfry.host.uapi.Errno;
import dev.belfry.host.uapi.Result;

/// Flags of `IOMMU_IOAS_MAP` and `IOMMU_IOAS_COPY`.
public final class MapFlags {

    public static final int FIXED_IOVA = 1;
    public static final int WRITEABLE = 2;
    public static final int READABLE = 4;

    private static final int ALL = FIXED_IOVA | WRITEABLE | READABLE;

    private MapFlags() {}

    /// The kernel's first checks, in its order.
    static Result<Done> check(int flags, long... sizesAndAddresses) {
        if ((flags & ~ALL) != 0) {
            return Result.err(Errno.EOPNOTSUPP, "unknown flags");
        }
        for (long v : sizesAndAddresses) {
            if (v == -1L) {
                return Result.err(Errno.EOVERFLOW, "an address or length is too large");
            }
        }
        return (flags & (WRITEABLE | READABLE)) == 0
                ? Result.err(Errno.EINVAL, "neither readable nor writeable")
                : Result.done();
    }

    static PagingDomain.Prot prot(int flags) {
        return new PagingDomain.Prot((flags & READABLE) != 0, (flags & WRITEABLE) != 0, false);
    }
}
