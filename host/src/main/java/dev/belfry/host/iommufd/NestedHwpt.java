package dev.belfry.host.iommufd;

import dev.belfry.host.iommu.NestedDomain;
import java.util.Optional;

/// A HWPT whose stage 1 is the guest's, made of a vIOMMU.
final class NestedHwpt extends Hwpt {

    private final Viommu viommu;
    private final NestedDomain domain;

    NestedHwpt(Viommu viommu, NestedDomain domain, Optional<FaultQueue> faults) {
        super(faults);
        this.viommu = viommu;
        this.domain = domain;
        viommu.addUser();
    }

    @Override
    NestedDomain domain() {
        return domain;
    }

    @Override
    PagingHwpt paging() {
        return viommu.parent();
    }

    @Override
    String kind() {
        return "a nested HWPT";
    }

    @Override
    void destroy() {
        domain.free();
        viommu.removeUser();
        releaseFaults();
    }
}
