package dev.belfry.host.iommufd;

/// A range of I/O addresses (`struct iommu_iova_range`).
///
/// @param start first address, unsigned
/// @param last last address, inclusive
public record IovaRange(long start, long last) {

    public boolean intersects(long otherStart, long otherLast) {
        return Long.compareUnsigned(start, otherLast) <= 0
                && Long.compareUnsigned(otherStart, last) <= 0;
    }
}
