package dev.belfry.host.smmu;

import dev.belfry.host.iommu.Domain;
import dev.belfry.host.iommu.Iommu;
import dev.belfry.host.iommu.IommuDevice;
import dev.belfry.host.iommu.IommuGroup;
import dev.belfry.host.iommu.NestedDomain;
import dev.belfry.host.iommu.PagingDomain;
import dev.belfry.host.iommu.ReservedRegion;
import dev.belfry.host.iommu.StaticDomain;
import dev.belfry.host.uapi.Done;
import dev.belfry.host.uapi.Errno;
import dev.belfry.host.uapi.KernelVersion;
import dev.belfry.host.uapi.Result;
import dev.belfry.kernel.smmu.Master;
import dev.belfry.kernel.smmu.Stage1Domain;
import dev.belfry.kernel.smmu.Stage2Domain;
import dev.belfry.kernel.smmu.StreamEntry;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;

/// A device behind a physical SMMU (`struct arm_smmu_master`): attaching it writes its STE.
public final class HostStream implements IommuDevice {

    /// What firmware and the device itself say.
    ///
    /// @param name PCI address
    /// @param streamId StreamID
    /// @param group IOMMU group, which it joins
    /// @param reserved regions that its address space keeps free
    /// @param coherent its DMA is cache coherent
    /// @param isolatedMsi others cannot forge its MSIs
    /// @param ats its ATS, where it has that
    /// @param pasidBits width of its PASIDs
    public record Setup(
            String name,
            int streamId,
            IommuGroup group,
            List<ReservedRegion> reserved,
            boolean coherent,
            boolean isolatedMsi,
            Optional<Master.AtsSwitch> ats,
            int pasidBits) {}

    /// The guest that the stream belongs to now (`struct arm_smmu_vmaster`).
    record Vmaster(SmmuViommu viommu, int vsid) {}

    private final HostSmmu smmu;
    private final Setup setup;
    private final Master master;
    private final Map<Integer, Stage1Domain> pasids = new TreeMap<>();
    private Optional<Vmaster> vmaster = Optional.empty();
    private boolean parked;

    HostStream(HostSmmu smmu, Setup setup) {
        this.smmu = smmu;
        this.setup = setup;
        this.master =
                smmu.driver()
                        .master(
                                setup.streamId,
                                maxPasidLog2(),
                                setup.ats.orElse(Master.AtsSwitch.NONE));
        setup.group.add(this);
    }

    /// Its StreamID.
    public int streamId() {
        return setup.streamId;
    }

    /// Whether ATS is enabled at the device.
    public boolean atsEnabled() {
        return master.ats();
    }

    Optional<Vmaster> vmaster() {
        return vmaster;
    }

    @Override
    public String name() {
        return setup.name;
    }

    @Override
    public Iommu iommu() {
        return smmu;
    }

    @Override
    public IommuGroup group() {
        return setup.group;
    }

    @Override
    public List<ReservedRegion> reservedRegions() {
        return setup.reserved;
    }

    @Override
    public boolean cacheCoherent() {
        return setup.coherent && smmu.driver().features().coherent();
    }

    @Override
    public boolean isolatedMsi() {
        return setup.isolatedMsi;
    }

    @Override
    public int maxPasidLog2() {
        return Math.min(setup.pasidBits, smmu.driver().features().ssidBits());
    }

    @Override
    public boolean hasPasids() {
        return setup.pasidBits != 0;
    }

    @Override
    public Result<Done> attach(Domain domain) {
        return switch (domain) {
            case StaticDomain s -> attachStatic(s);
            case PagingDomain p -> attachPaging(p);
            case NestedDomain n -> attachNested(n);
        };
    }

    private Result<Done> attachStatic(StaticDomain domain) {
        switch (domain) {
            case BLOCKED -> master.block(canAts());
            case IDENTITY -> master.bypass(canAts());
        }
        vmaster = Optional.empty();
        return Result.done();
    }

    private Result<Done> attachPaging(PagingDomain domain) {
        if (!(domain instanceof SmmuPagingDomain p) || !p.iommu().equals(smmu)) {
            return notOurs(domain.iommu().name());
        }
        switch (p.domain()) {
            case Stage1Domain stage1 -> master.attach(stage1, canAts());
            case Stage2Domain stage2 -> {
                if (master.pasidsInUse()) {
                    return pasidsInUse();
                }
                master.attach(stage2, canAts());
            }
        }
        vmaster = Optional.empty();
        return Result.done();
    }

    private Result<Done> pasidsInUse() {
        return Result.err(Errno.EBUSY, "PASIDs of " + setup.name + " are in use");
    }

    /// `arm_smmu_s1_set_dev_pasid`.
    @Override
    public Result<Done> attachPasid(Domain domain, int pasid) {
        return switch (domain) {
            case NestedDomain _, StaticDomain _ ->
                    Result.err(Errno.EOPNOTSUPP, "only a stage 1 of the kernel's has PASIDs");
            case PagingDomain d ->
                    d instanceof SmmuPagingDomain p
                                    && p.iommu().equals(smmu)
                                    && p.domain() instanceof Stage1Domain s
                            ? attachPasid(s, pasid)
                            : notOurs(d.iommu().name());
        };
    }

    private Result<Done> attachPasid(Stage1Domain domain, int pasid) {
        if (!master.hasContexts() && !(setup.group.domain() instanceof StaticDomain)) {
            return Result.err(Errno.EINVAL, setup.name + " has no table of contexts");
        }
        pasids.put(pasid, domain);
        master.setPasid(pasid, domain, canAts());
        return Result.done();
    }

    @Override
    public void detachPasid(int pasid) {
        pasids.remove(pasid);
        master.clearPasid(pasid);
    }

    /// `pci_dev_reset_iommu_prepare`: a device may ignore ATC invalidations while it is reset, and
    /// CMD_SYNC would time out.
    @Override
    public Result<Done> prepareReset() {
        if (setup.ats.isEmpty()) {
            return Result.done();
        }
        if (parked) {
            return Result.err(Errno.EBUSY, setup.name + " is being reset");
        }
        parked = true;
        setup.group.setResetting(true);
        pasids.keySet().forEach(master::clearPasid);
        master.block(false);
        vmaster = Optional.empty();
        return Result.done();
    }

    /// `pci_dev_reset_iommu_done`. What was attached before can be attached again.
    @Override
    public void resetDone() {
        if (parked) {
            parked = false;
            setup.group.setResetting(false);
            attach(setup.group.domain()).orThrow();
            pasids.forEach((pasid, domain) -> master.setPasid(pasid, domain, canAts()));
        }
    }

    private Result<Done> attachNested(NestedDomain domain) {
        if (!(domain instanceof SmmuNestedDomain n) || !n.viommu().smmu().equals(smmu)) {
            return notOurs(domain.parent().iommu().name());
        }
        if (master.pasidsInUse()) {
            return pasidsInUse();
        }
        OptionalInt vsid = n.viommu().virtualStreamId(this);
        // Without a vSID, CD and ATC invalidations cannot be rewritten and events not be forwarded.
        boolean needed =
                n.ste().fate() == GuestSte.Fate.STAGE1 || !smmu.version().has(KernelVersion.V6_19);
        if (vsid.isEmpty() && needed) {
            return Result.err(
                    Errno.ENOENT, setup.name + " has no vDEVICE, so its vSID is not known");
        }
        boolean ats = n.ste().ats() && canAts();
        master.attachNested(n.viommu().stage2(), entry(n, ats), ats);
        vmaster =
                vsid.isPresent()
                        ? Optional.of(new Vmaster(n.viommu(), vsid.getAsInt()))
                        : Optional.empty();
        return Result.done();
    }

    /// The physical STE (`arm_smmu_make_nested_domain_ste`).
    private static StreamEntry entry(SmmuNestedDomain n, boolean ats) {
        Stage2Domain stage2 = n.viommu().stage2();
        return switch (n.ste().fate()) {
            case ABORT -> StreamEntry.abort();
            case BYPASS -> stage2.entry(ats);
            case STAGE1 -> stage2.entry(ats).nested(n.ste().w0(), n.ste().w1());
        };
    }

    private boolean canAts() {
        return setup.ats.isPresent() && smmu.driver().features().ats();
    }

    private Result<Done> notOurs(String other) {
        return Result.err(
                Errno.EINVAL,
                setup.name + " is behind " + smmu.name() + ", the domain was made for " + other);
    }
}
