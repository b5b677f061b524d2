package dev.belfry.host.smmu;

import dev.belfry.host.iommu.NestedDomain;
import dev.belfry.host.iommu.PagingDomain;

/// A guest's stage 1 over a stage 2.
///
/// @param viommu through which it was made
/// @param ste the guest's STE, checked
record SmmuNestedDomain(SmmuViommu viommu, GuestSte ste) implements NestedDomain {

    @Override
    public PagingDomain parent() {
        return viommu.parent();
    }

    @Override
    public void free() {}
}
