package dev.belfry.host.iommufd;

import dev.belfry.host.iommu.PagingDomain;
import dev.belfry.host.memory.UserMemory;
import dev.belfry.host.uapi.Done;
import dev.belfry.host.uapi.Errno;
import dev.belfry.host.uapi.Result;
import dev.belfry.model.address.Iova;
import java.util.List;

/// A mapped range of an IOAS (`struct iopt_area`): user memory, pinned once a domain wants it.
///
/// @param start first I/O address
/// @param length bytes
/// @param pages what is mapped
/// @param prot what devices may do
record Area(long start, long length, Pages pages, PagingDomain.Prot prot) {

    long last() {
        return start + length - 1;
    }

    boolean intersects(long otherStart, long otherLast) {
        return new IovaRange(start, last()).intersects(otherStart, otherLast);
    }

    /// Maps it in `domain`.
    ///
    /// @return `EFAULT` when the memory cannot be pinned; nothing of the area is mapped then
    Result<Done> fill(PagingDomain domain) {
        Result<List<UserMemory.Run>> pinned = pages.pin(length, pages.writable());
        if (!(pinned instanceof Result.Ok<List<UserMemory.Run>>(var runs))) {
            return pinned.map(r -> Done.DONE);
        }
        long at = start;
        for (UserMemory.Run run : runs) {
            Result<Done> mapped = domain.map(new Iova(at), run.hpa(), run.length(), prot);
            if (mapped instanceof Result.Err<Done>(Errno errno, String why)) {
                domain.unmap(new Iova(start), at - start);
                return Result.err(errno, why);
            }
            at += run.length();
        }
        return Result.done();
    }

    /// Its pages are pinned from now on.
    ///
    /// @return `ENOMEM` when the process may pin no more
    Result<Done> charge() {
        return pages.charge(length);
    }

    void uncharge() {
        pages.uncharge(length);
    }

    void unfill(PagingDomain domain) {
        domain.unmap(new Iova(start), length);
    }
}
