package dev.belfry.host.iommufd;

import dev.belfry.host.iommu.Domain;
import java.util.Optional;

/// A hardware page table: what a device can be attached to.
abstract sealed class Hwpt extends IommufdObject permits PagingHwpt, NestedHwpt {

    private final Optional<FaultQueue> faults;

    Hwpt(Optional<FaultQueue> faults) {
        this.faults = faults;
        faults.ifPresent(FaultQueue::addUser);
    }

    /// The driver's domain.
    abstract Domain domain();

    /// The HWPT in whose IOAS reserved regions and doorbells belong: itself, or its stage 2.
    abstract PagingHwpt paging();

    /// Whether it was made so that PASIDs can be attached beside it, or to it.
    boolean pasidCompatible() {
        return false;
    }

    final void releaseFaults() {
        faults.ifPresent(FaultQueue::removeUser);
    }
}
