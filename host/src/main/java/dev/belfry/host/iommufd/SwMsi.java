package dev.belfry.host.iommufd;

import dev.belfry.host.iommu.PagingDomain;
import dev.belfry.host.uapi.Done;
import dev.belfry.host.uapi.Errno;
import dev.belfry.host.uapi.Result;
import dev.belfry.model.address.Hpa;
import dev.belfry.model.address.Iova;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/// Doorbells mapped by the kernel (`iommufd_sw_msi`): one table a file, so that a doorbell has the
/// same address for all its devices and domains, in order of first use.
final class SwMsi {

    /// Width of the bitmaps of ids.
    private static final int MAX_IDS = 64;

    /// A page of doorbells.
    ///
    /// @param id counts all pages of the file
    /// @param windowStart the window that it was mapped for
    /// @param page physical address
    /// @param pageOffset how many pages into the window
    record Entry(int id, long windowStart, Hpa page, int pageOffset) {}

    private final int pageShift;
    private final List<Entry> entries = new ArrayList<>();

    /// @param pageShift log2 of the kernel's page size
    SwMsi(int pageShift) {
        this.pageShift = pageShift;
    }

    List<Entry> entries() {
        return List.copyOf(entries);
    }

    /// Makes `doorbell` reachable for the devices of `group`.
    ///
    /// @return the IOVA of the register; empty when the group is not attached or has no window
    Result<Optional<Iova>> map(GroupState group, Hpa doorbell) {
        Optional<Hwpt> hwpt = group.hwpt();
        OptionalLong start = group.swMsiStart();
        if (hwpt.isEmpty() || start.isEmpty()) {
            return Result.ok(Optional.empty());
        }
        Hpa page = doorbell.alignDown(pageShift);
        return entry(start.getAsLong(), page)
                .then(e -> install(e, hwpt.get().paging()).map(d -> e))
                .map(e -> {
                    group.requiredSwMsi().set(e.id);
                    return Optional.of(iova(e).plus(doorbell.value() - page.value()));
                });
    }

    private Result<Entry> entry(long windowStart, Hpa page) {
        int offset = 0;
        for (Entry e : entries) {
            if (e.windowStart == windowStart) {
                if (e.page.equals(page)) {
                    return Result.ok(e);
                }
                offset = Math.max(offset, e.pageOffset + 1);
            }
        }
        if (entries.size() >= MAX_IDS) {
            return Result.err(
                    Errno.EOVERFLOW, "a file can have no more than " + MAX_IDS + " doorbell pages");
        }
        Entry made = new Entry(entries.size(), windowStart, page, offset);
        entries.add(made);
        return Result.ok(made);
    }

    Iova iova(Entry e) {
        return new Iova(e.windowStart + ((long) e.pageOffset << pageShift));
    }

    private Result<Done> install(Entry e, PagingHwpt hwpt) {
        if (hwpt.presentSwMsi().contains(e.id)) {
            return Result.done();
        }
        PagingDomain.Prot prot = new PagingDomain.Prot(true, true, true);
        return hwpt.domain()
                .map(iova(e), e.page, 1L << pageShift, prot)
                .map(d -> {
                    hwpt.presentSwMsi().add(e.id);
                    return d;
                });
    }

    /// Maps all pages that the group's devices have used into `hwpt`, so that interrupts go on
    /// through the change.
    Result<Done> installRequired(GroupState group, PagingHwpt hwpt) {
        for (Entry e : entries) {
            boolean needed =
                    group.swMsiStart().equals(OptionalLong.of(e.windowStart))
                            && group.requiredSwMsi().get(e.id);
            if (needed) {
                Result<Done> done = install(e, hwpt);
                if (!done.isOk()) {
                    return done;
                }
            }
        }
        return Result.done();
    }
}
