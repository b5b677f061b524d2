package dev.belfry.host.iommufd;

import dev.belfry.host.iommu.IommuDevice;
import dev.belfry.host.iommu.PagingDomain;
import dev.belfry.host.iommu.ReservedRegion;
import dev.belfry.host.memory.UserMemory;
import dev.belfry.host.uapi.Done;
import dev.belfry.host.uapi.Errno;
import dev.belfry.host.uapi.Result;
import dev.belfry.model.bits.Hex;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;

/// The map of an IOAS (`struct io_pagetable`): areas, reserved and allowed ranges, and the domains
/// that are kept in step with them.
final class IovaSpace {

    private final long pageSize;
    private final TreeMap<Long, Area> areas = new TreeMap<>(Long::compareUnsigned);
    private final Map<Long, Integer> pins = new TreeMap<>();
    private final Reservations reservations = new Reservations();
    private final List<PagingDomain> domains = new ArrayList<>();
    private long alignment = 1;
    private boolean hugePages = true;

    /// @param pageSize the host kernel's page size
    IovaSpace(long pageSize) {
        this.pageSize = pageSize;
    }

    Reservations reservations() {
        return reservations;
    }

    List<Area> areas() {
        return List.copyOf(areas.values());
    }

    /// What iova, length and address of a mapping must be multiples of.
    long alignment() {
        return alignment;
    }

    /// Maps consecutive slices from `iova` on, or where there is room.
    ///
    /// @param fixed empty: the kernel chooses
    /// @return the address of the first slice
    Result<Long> map(List<Area> slices, OptionalLong fixed, PagingDomain.Prot prot) {
        long length = slices.stream().mapToLong(Area::length).sum();
        if (length == 0 || (length & (alignment - 1)) != 0) {
            return Result.err(
                    Errno.EINVAL, "the length must be a multiple of " + alignment + ", not 0");
        }
        Result<Long> where =
                fixed.isPresent()
                        ? check(fixed.getAsLong(), length)
                        : new IovaAllocator(areas, reservations, alignment, pageSize)
                                .allocate(slices.getFirst().pages().address(), length);
        return where.then(iova -> insert(slices, iova, prot));
    }

    private Result<Long> check(long iova, long length) {
        if ((iova & (alignment - 1)) != 0) {
            return Result.err(Errno.EINVAL, "the IOVA must be a multiple of " + alignment);
        }
        long last = iova + length - 1;
        if (Long.compareUnsigned(last, iova) < 0) {
            return Result.err(Errno.EOVERFLOW, "the range wraps");
        }
        String range = Hex.of(iova) + ".." + Hex.of(last);
        if (reservations.anyReserved(iova, last)) {
            return Result.err(Errno.EINVAL, range + " meets a reserved range");
        }
        if (firstIn(iova, last) != null) {
            return Result.err(Errno.EEXIST, range + " meets a mapping");
        }
        return Result.ok(iova);
    }

    private Result<Long> insert(List<Area> slices, long iova, PagingDomain.Prot prot) {
        List<Area> made = new ArrayList<>();
        long at = iova;
        for (Area slice : slices) {
            if (prot.write() && !slice.pages().writable()) {
                return Result.err(Errno.EPERM, "the pages were mapped read-only");
            }
            if ((slice.pages().address() & (pageSize - 1) & (alignment - 1)) != 0) {
                return Result.err(Errno.EINVAL, "user_va must be a multiple of " + alignment);
            }
            made.add(new Area(at, slice.length(), slice.pages(), prot));
            at += slice.length();
        }
        for (int i = 0; i < made.size(); i++) {
            Result<Done> filled = fillAll(made.get(i));
            if (filled instanceof Result.Err<Done> e) {
                made.subList(0, i).forEach(this::remove);
                return e.as();
            }
            areas.put(made.get(i).start(), made.get(i));
        }
        return Result.ok(iova);
    }

    /// Pinned pages are counted after the work (`pfn_reader_user_update_pinned`).
    private Result<Done> fillAll(Area area) {
        for (int i = 0; i < domains.size(); i++) {
            Result<Done> filled = area.fill(domains.get(i));
            if (!filled.isOk()) {
                domains.subList(0, i).forEach(area::unfill);
                return filled;
            }
        }
        Result<Done> counted = domains.isEmpty() ? Result.done() : area.charge();
        if (!counted.isOk()) {
            domains.forEach(area::unfill);
        }
        return counted;
    }

    private void remove(Area area) {
        areas.remove(area.start());
        domains.forEach(area::unfill);
        if (!domains.isEmpty()) {
            area.uncharge();
        }
    }

    private @org.jspecify.annotations.Nullable Area firstIn(long start, long last) {
        Map.Entry<Long, Area> floor = areas.floorEntry(start);
        if (floor != null && floor.getValue().intersects(start, last)) {
            return floor.getValue();
        }
        Map.Entry<Long, Area> next = areas.ceilingEntry(start);
        return next != null && next.getValue().intersects(start, last) ? next.getValue() : null;
    }

    /// The slices that make up `[iova, iova + length)`: `IOAS_COPY`'s source.
    Result<List<Area>> slices(long iova, long length) {
        if (length == 0) {
            return Result.err(Errno.EINVAL, "the length is 0");
        }
        long last = iova + length - 1;
        if (Long.compareUnsigned(last, iova) < 0) {
            return Result.err(Errno.EOVERFLOW, "the range wraps");
        }
        List<Area> out = new ArrayList<>();
        long at = iova;
        while (true) {
            Area a = firstIn(at, at);
            if (a == null) {
                return Result.err(Errno.ENOENT, "nothing is mapped at " + Hex.of(at));
            }
            boolean end = Long.compareUnsigned(a.last(), last) >= 0;
            long n = (end ? last : a.last()) - at + 1;
            out.add(new Area(at, n, a.pages().from(at - a.start()), a.prot()));
            if (end) {
                return Result.ok(out);
            }
            at += n;
        }
    }

    /// Unmaps whole areas in `[start, last]`; those before the first that is covered only in part
    /// are gone even when it fails.
    ///
    /// @return bytes unmapped
    Result<Long> unmap(long start, long last) {
        long bytes = 0;
        Area a = firstIn(start, last);
        while (a != null) {
            boolean partly =
                    Long.compareUnsigned(a.start(), start) < 0
                            || Long.compareUnsigned(a.last(), last) > 0;
            if (partly) {
                return Result.err(Errno.ENOENT, "a mapping is covered only in part");
            }
            if (pins.containsKey(a.start())) {
                return Result.err(Errno.EBUSY, "hardware reads a queue in " + Hex.of(a.start()));
            }
            remove(a);
            bytes += a.length();
            a = firstIn(start, last);
        }
        return bytes > 0
                ? Result.ok(bytes)
                : Result.err(Errno.ENOENT, "nothing is mapped in the range");
    }

    /// All areas of the space go.
    ///
    /// @return bytes unmapped; `EBUSY` at the first that is pinned
    Result<Long> unmapAll() {
        return areas.isEmpty() ? Result.ok(0L) : unmap(0, -1L);
    }

    /// Memory that an in-kernel user holds (`iommufd_access_pin_pages`).
    ///
    /// @param physical of the first byte
    /// @param areas starts of the areas that cannot be unmapped
    record Pinned(long physical, List<Long> areas) {}

    /// Pins `[iova, iova + length)`, for reading.
    ///
    /// @return `ENOENT` where nothing is mapped, `EFAULT` when it cannot be pinned or is not
    ///   physically contiguous
    Result<Pinned> pin(long iova, long length) {
        return slices(iova, length).then(this::contiguous);
    }

    private Result<Pinned> contiguous(List<Area> slices) {
        long first = 0;
        long next = 0;
        List<Long> held = new ArrayList<>();
        for (Area slice : slices) {
            Result<List<UserMemory.Run>> pinned = slice.pages().pin(slice.length(), false);
            if (!(pinned instanceof Result.Ok<List<UserMemory.Run>>(var runs))) {
                return pinned.map(r -> new Pinned(0, List.of()));
            }
            for (UserMemory.Run run : runs) {
                if (next != 0 && run.hpa().value() != next) {
                    return Result.err(Errno.EFAULT, "the pages are not physically contiguous");
                }
                first = next == 0 ? run.hpa().value() : first;
                next = run.hpa().value() + run.length();
            }
            held.add(areas.floorKey(slice.start()));
        }
        held.forEach(start -> pins.merge(start, 1, Integer::sum));
        return Result.ok(new Pinned(first, held));
    }

    /// Lets go of what was pinned.
    void unpin(Pinned memory) {
        memory.areas.forEach(
                start -> pins.computeIfPresent(start, (s, n) -> n == 1 ? null : n - 1));
    }

    /// Adds a domain, mapping all that is mapped.
    ///
    /// @return `EADDRINUSE` when a mapping does not suit the domain's page size or lies beyond its
    ///   aperture
    Result<Done> addDomain(PagingDomain domain) {
        long wanted = Math.max(domain.minPage(), alignment);
        if (wanted > pageSize) {
            return Result.err(Errno.EINVAL, "the IOMMU's pages are larger than the kernel's");
        }
        Result<Done> ready = conforms(wanted).then(d -> reserveBeyond(domain));
        if (!ready.isOk()) {
            return ready;
        }
        boolean first = domains.isEmpty();
        List<Area> filled = new ArrayList<>();
        for (Area a : areas.values()) {
            Result<Done> done = a.fill(domain);
            if (done.isOk() && first) {
                done = a.charge();
                if (!done.isOk()) {
                    a.unfill(domain);
                }
            }
            if (!done.isOk()) {
                filled.forEach(f -> leave(f, domain, first));
                reservations.release(domain);
                return done;
            }
            filled.add(a);
        }
        alignment = wanted;
        domains.add(domain);
        return Result.done();
    }

    private Result<Done> reserveBeyond(PagingDomain domain) {
        if (domain.apertureLast() == -1L) {
            return Result.done();
        }
        long first = domain.apertureLast() + 1;
        boolean mapped = firstIn(first, -1L) != null;
        return reservations.reserve(new IovaRange(first, -1L), domain, mapped);
    }

    private Result<Done> conforms(long wanted) {
        long mask = wanted - 1;
        for (Area a : areas.values()) {
            long pageOffset = a.pages().address() & (pageSize - 1);
            if (((a.start() | a.length() | pageOffset) & mask) != 0) {
                return Result.err(
                        Errno.EADDRINUSE,
                        "a mapping is not aligned to the IOMMU's page size of " + wanted);
            }
        }
        return Result.done();
    }

    void removeDomain(PagingDomain domain) {
        if (domains.remove(domain)) {
            boolean last = domains.isEmpty();
            areas.values().forEach(a -> leave(a, domain, last));
            reservations.release(domain);
            alignment = minimumAlignment();
        }
    }

    private static void leave(Area area, PagingDomain domain, boolean unpin) {
        area.unfill(domain);
        if (unpin) {
            area.uncharge();
        }
    }

    private long minimumAlignment() {
        long least = hugePages ? 1 : pageSize;
        return domains.stream().mapToLong(PagingDomain::minPage).reduce(least, Math::max);
    }

    /// Reserves what `device` needs kept free; all or nothing.
    ///
    /// @return where its window for doorbells begins, if it has one
    Result<OptionalLong> enforce(IommuDevice device, List<ReservedRegion> regions) {
        for (ReservedRegion r : regions) {
            if (r.type() == ReservedRegion.Type.DIRECT_RELAXABLE) {
                continue;
            }
            boolean mapped = firstIn(r.start(), r.last()) != null;
            Result<Done> done =
                    reservations.reserve(new IovaRange(r.start(), r.last()), device, mapped);
            if (!done.isOk()) {
                reservations.release(device);
                return done.map(d -> OptionalLong.empty());
            }
        }
        Result<OptionalLong> window = Reservations.swMsiStart(device, regions);
        if (!window.isOk()) {
            reservations.release(device);
        }
        return window;
    }

    /// Whether memory is mapped at `iova`.
    boolean isMapped(long iova) {
        return firstIn(iova, iova) != null;
    }

    /// `IOMMU_OPTION_HUGE_PAGES`.
    Result<Done> setHugePages(boolean on) {
        if (on == hugePages) {
            return Result.done();
        }
        if (!on && !domains.isEmpty() && !areas.isEmpty()) {
            return Result.err(Errno.EINVAL, "a domain has pages mapped already");
        }
        if (!on) {
            Result<Done> fits = conforms(pageSize);
            if (!fits.isOk()) {
                return fits;
            }
        }
        hugePages = on;
        alignment = minimumAlignment();
        return Result.done();
    }

    boolean hugePages() {
        return hugePages;
    }

    /// A slice of user memory that is not mapped yet.
    static Area slice(Pages pages, long length) {
        return new Area(0, length, pages, new PagingDomain.Prot(false, false, false));
    }

    /// Whether `address + length` leaves the address space.
    static boolean wraps(long address, long length) {
        return Long.compareUnsigned(address + length, address) < 0;
    }
}
