package dev.belfry.host.iommufd;

import dev.belfry.host.iommu.PagingDomain;
import dev.belfry.model.address.Hpa;
import dev.belfry.model.address.Iova;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// A HWPT that is kept in step with an IOAS.
final class PagingHwpt extends Hwpt {

    private final Ioas ioas;
    private final PagingDomain domain;
    private final Kind kind;
    private final Set<Integer> presentSwMsi = new HashSet<>();
    private final Map<Iova, Hpa> mappedMsi = new HashMap<>();

    /// What it was made for.
    ///
    /// @param nestParent it may be the stage 2 of nested HWPTs
    /// @param auto it was made by attaching a device to an IOAS, and goes with the last device
    /// @param pasid it may be attached to PASIDs
    record Kind(boolean nestParent, boolean auto, boolean pasid) {

        /// Made by attaching to an IOAS.
        static Kind automatic() {
            return new Kind(false, true, false);
        }
    }

    PagingHwpt(Ioas ioas, PagingDomain domain, Kind kind, Optional<FaultQueue> faults) {
        super(faults);
        this.ioas = ioas;
        this.domain = domain;
        this.kind = kind;
        ioas.addUser();
        ioas.hwpts().add(this);
    }

    Ioas ioas() {
        return ioas;
    }

    @Override
    PagingDomain domain() {
        return domain;
    }

    @Override
    PagingHwpt paging() {
        return this;
    }

    boolean isNestParent() {
        return kind.nestParent;
    }

    boolean isAuto() {
        return kind.auto;
    }

    @Override
    boolean pasidCompatible() {
        return kind.pasid;
    }

    /// Which doorbell pages are mapped in it.
    Set<Integer> presentSwMsi() {
        return presentSwMsi;
    }

    /// Doorbell pages that the VMM had mapped, by address.
    Map<Iova, Hpa> mappedMsi() {
        return mappedMsi;
    }

    @Override
    String kind() {
        return "a paging HWPT";
    }

    @Override
    void destroy() {
        ioas.space().removeDomain(domain);
        domain.free();
        ioas.hwpts().remove(this);
        ioas.removeUser();
        releaseFaults();
    }
}
