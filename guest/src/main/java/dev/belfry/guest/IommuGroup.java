package dev.belfry.guest;

import dev.belfry.guest.dma.DmaSpace;
import dev.belfry.guest.dma.IdentitySpace;
import dev.belfry.guest.dma.TranslatedSpace;
import dev.belfry.kernel.pci.PciFunction;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/// Functions that no IOMMU can tell apart or keep from each other, and the domain that they share.
final class IommuGroup {

    private final int id;
    private final int smmu;
    private final List<PciFunction> members = new ArrayList<>();
    private final Set<Integer> streams = new LinkedHashSet<>();
    private DomainKind kind = DomainKind.IDENTITY;
    private DmaSpace space = new IdentitySpace();

    IommuGroup(int id, int smmu) {
        this.id = id;
        this.smmu = smmu;
    }

    int id() {
        return id;
    }

    int smmu() {
        return smmu;
    }

    List<PciFunction> members() {
        return members;
    }

    /// StreamIDs that are attached.
    Set<Integer> streams() {
        return streams;
    }

    DomainKind kind() {
        return kind;
    }

    DmaSpace space() {
        return space;
    }

    void useIdentity() {
        kind = DomainKind.IDENTITY;
        space = new IdentitySpace();
    }

    void use(TranslatedSpace translated, boolean strict) {
        kind = strict ? DomainKind.DMA_STRICT : DomainKind.DMA_LAZY;
        space = translated;
    }
}
