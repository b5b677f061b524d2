package dev.belfry.host.iommu;

import dev.belfry.host.uapi.Done;
import dev.belfry.host.uapi.Result;
import dev.belfry.model.address.Hpa;
import dev.belfry.model.address.Iova;
import java.util.Optional;

/// A domain that the kernel maps pages into (`IOMMU_DOMAIN_UNMANAGED`).
public non-sealed interface PagingDomain extends Domain {

    /// What a mapping is for.
    ///
    /// @param read devices may read
    /// @param write devices may write
    /// @param mmio a device's registers, not memory (`IOMMU_MMIO`)
    record Prot(boolean read, boolean write, boolean mmio) {}

    /// The IOMMU instance that it was made for; only that one's devices can be attached.
    Iommu iommu();

    /// The highest address that can be mapped; the lowest is 0.
    long apertureLast();

    /// Smallest page that can be mapped, bytes.
    long minPage();

    /// Maps `[iova, iova + size)` to physical `[hpa, hpa + size)`.
    Result<Done> map(Iova iova, Hpa hpa, long size, Prot prot);

    /// Removes what is mapped in `[iova, iova + size)`, and sees to it that no cache keeps it.
    void unmap(Iova iova, long size);

    /// Whether what devices write is noted.
    boolean tracksDirty();

    /// Told of what was written.
    interface DirtyRanges {
        /// `[iova, iova + size)` was, or some of it.
        void dirty(Iova iova, long size);
    }

    /// Tells what devices wrote in `[iova, iova + size)` since it was last cleared.
    ///
    /// @param clear forgets it
    void readDirty(Iova iova, long size, boolean clear, DirtyRanges ranges);

    /// Where `iova` leads.
    Optional<Hpa> iovaToPhys(Iova iova);

    /// Frees the tables. Nothing is attached any more.
    void free();
}
