package dev.belfry.host.iommufd;

import dev.belfry.host.iommu.IommuDevice;
import dev.belfry.host.iommu.ReservedRegion;
import dev.belfry.host.uapi.Done;
import dev.belfry.host.uapi.Errno;
import dev.belfry.host.uapi.Result;
import dev.belfry.model.bits.Hex;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalLong;

/// The ranges of an IOAS that must not be mapped, each with who wants it so; and the ranges that
/// the VMM wants to keep usable.
final class Reservations {

    private record Reserved(IovaRange range, Object owner) {}

    private final List<Reserved> reserved = new ArrayList<>();
    private List<IovaRange> allowed = List.of();

    boolean anyReserved(long start, long last) {
        return reserved.stream().anyMatch(r -> r.range.intersects(start, last));
    }

    /// Whether the VMM limited non-fixed mappings to some ranges.
    List<IovaRange> allowed() {
        return allowed;
    }

    /// `IOMMU_IOAS_ALLOW_IOVAS`.
    Result<Done> allow(List<IovaRange> ranges) {
        for (int i = 0; i < ranges.size(); i++) {
            IovaRange r = ranges.get(i);
            boolean bad =
                    Long.compareUnsigned(r.start(), r.last()) >= 0
                            || ranges.subList(0, i).stream()
                                    .anyMatch(o -> o.intersects(r.start(), r.last()));
            if (bad) {
                return Result.err(Errno.EINVAL, "allowed ranges are not empty and do not overlap");
            }
        }
        for (IovaRange r : ranges) {
            if (anyReserved(r.start(), r.last())) {
                return Result.err(
                        Errno.EADDRINUSE, describe(r) + " is reserved and cannot be allowed");
            }
        }
        allowed = List.copyOf(ranges);
        return Result.done();
    }

    /// Reserves a range for `owner`.
    ///
    /// @param mapped an area that the range meets; empty when there is none
    Result<Done> reserve(IovaRange range, Object owner, boolean mapped) {
        boolean promised =
                allowed.stream().anyMatch(a -> a.intersects(range.start(), range.last()));
        if (mapped || promised) {
            return Result.err(
                    Errno.EADDRINUSE,
                    describe(range)
                            + " must be reserved but is "
                            + (mapped ? "mapped" : "in an allowed range")
                            + " already");
        }
        reserved.add(new Reserved(range, owner));
        return Result.done();
    }

    void release(Object owner) {
        reserved.removeIf(r -> r.owner.equals(owner));
    }

    /// The holes between reserved ranges, by address.
    List<IovaRange> holes() {
        List<IovaRange> byStart =
                reserved.stream()
                        .map(Reserved::range)
                        .sorted(Comparator.comparing(IovaRange::start, Long::compareUnsigned))
                        .toList();
        List<IovaRange> holes = new ArrayList<>();
        long next = 0;
        for (IovaRange r : byStart) {
            if (Long.compareUnsigned(r.start(), next) > 0) {
                holes.add(new IovaRange(next, r.start() - 1));
            }
            if (r.last() == -1L) {
                return holes;
            }
            if (Long.compareUnsigned(r.last() + 1, next) > 0) {
                next = r.last() + 1;
            }
        }
        holes.add(new IovaRange(next, -1L));
        return holes;
    }

    /// Checks a device's own regions: one window of software-mapped doorbells, or hardware ones,
    /// never both.
    ///
    /// @return the start of the software window, or empty
    static Result<OptionalLong> swMsiStart(IommuDevice device, List<ReservedRegion> regions) {
        int hardware = 0;
        List<Long> software = new ArrayList<>();
        for (ReservedRegion r : regions) {
            switch (r.type()) {
                case MSI -> hardware++;
                case SW_MSI -> software.add(r.start());
                case DIRECT, DIRECT_RELAXABLE, RESERVED -> {}
            }
        }
        if (software.size() > 1 || (!software.isEmpty() && hardware > 0)) {
            return Result.err(
                    Errno.EINVAL, device.name() + " reports more than one kind of MSI region");
        }
        return Result.ok(
                software.isEmpty() ? OptionalLong.empty() : OptionalLong.of(software.getFirst()));
    }

    private static String describe(IovaRange r) {
        return Hex.of(r.start()) + ".." + Hex.of(r.last());
    }
}
