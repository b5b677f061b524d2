package dev.belfry.host.smmu;

import dev.belfry.host.iommu.Iommu;
import dev.belfry.host.iommu.PagingDomain;
import dev.belfry.host.uapi.Done;
import dev.belfry.host.uapi.Errno;
import dev.belfry.host.uapi.Result;
import dev.belfry.kernel.iopgtable.MapStatus;
import dev.belfry.kernel.iopgtable.Protection;
import dev.belfry.kernel.memory.OutOfMemory;
import dev.belfry.kernel.smmu.Domain;
import dev.belfry.kernel.smmu.SmmuDriver;
import dev.belfry.model.address.Hpa;
import dev.belfry.model.address.Iova;
import dev.belfry.model.bits.Bits;
import dev.belfry.model.bits.Hex;
import java.util.Optional;
import java.util.OptionalLong;

/// A domain with tables in host memory: stage 1 for plain use, stage 2 for nesting.
final class SmmuPagingDomain implements PagingDomain {

    private final HostSmmu smmu;
    private final SmmuDriver driver;
    private final Domain domain;

    SmmuPagingDomain(HostSmmu smmu, SmmuDriver driver, Domain domain) {
        this.smmu = smmu;
        this.driver = driver;
        this.domain = domain;
    }

    Domain domain() {
        return domain;
    }

    @Override
    public Iommu iommu() {
        return smmu;
    }

    @Override
    public long apertureLast() {
        return Bits.lowMask(domain.table().config().inputBits());
    }

    @Override
    public long minPage() {
        return domain.table().config().granule().bytes();
    }

    @Override
    public Result<Done> map(Iova iova, Hpa hpa, long size, Prot prot) {
        Protection p =
                new Protection(
                        prot.read(), prot.write(), !prot.mmio(), prot.mmio(), !prot.mmio(), false);
        try {
            MapStatus status = domain.map(iova.value(), hpa.value(), size, p);
            if (status == MapStatus.DONE) {
                return Result.done();
            }
            takeBack(iova, hpa, size);
            return Result.err(errno(status), "mapping " + iova + " to " + hpa + ": " + status);
        } catch (OutOfMemory e) {
            return Result.err(
                    Errno.ENOMEM, "no memory for tables that map " + Hex.of(iova.value()));
        }
    }

    /// What was mapped before something was in the way goes again, as in `iommu_map`.
    private void takeBack(Iova iova, Hpa hpa, long size) {
        long page = minPage();
        long done = 0;
        while (done < size
                && domain.iovaToPhys(iova.value() + done)
                        .equals(OptionalLong.of(hpa.value() + done))) {
            done += page;
        }
        unmap(iova, done);
    }

    private static Errno errno(MapStatus status) {
        return switch (status) {
            case EXISTS -> Errno.EEXIST;
            case RANGE -> Errno.ERANGE;
            case MISALIGNED, DONE -> Errno.EINVAL;
        };
    }

    @Override
    public void unmap(Iova iova, long size) {
        if (size > 0) {
            domain.unmap(iova.value(), size);
        }
    }

    @Override
    public boolean tracksDirty() {
        return domain.table().config().dirty();
    }

    @Override
    public void readDirty(Iova iova, long size, boolean clear, DirtyRanges ranges) {
        domain.readDirty(
                iova.value(), size, clear, (at, length) -> ranges.dirty(new Iova(at), length));
    }

    @Override
    public Optional<Hpa> iovaToPhys(Iova iova) {
        var phys = domain.iovaToPhys(iova.value());
        return phys.isPresent() ? Optional.of(new Hpa(phys.getAsLong())) : Optional.empty();
    }

    @Override
    public void free() {
        driver.destroy(domain);
    }
}
