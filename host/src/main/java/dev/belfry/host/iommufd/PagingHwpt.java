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
    private final boolean nestParent;
    private final boolean auto;
    private final Set<Integer> presentSwMsi = new HashSet<>();
    private final Map<Iova, Hpa> mappedMsi = new HashMap<>();

    /// @param nestParent it may be the stage 2 of nested HWPTs
    /// @param auto it was made by attaching a device to an IOAS, and goes with the last device
    PagingHwpt(
            Ioas ioas,
            PagingDomain domain,
            boolean nestParent,
            boolean auto,
            Optional<FaultQueue> faults) {
        super(faults);
        this.ioas = ioas;
        this.domain = domain;
        this.nestParent = nestParent;
        this.auto = auto;
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
        return nestParent;
    }

    boolean isAuto() {
        return auto;
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
