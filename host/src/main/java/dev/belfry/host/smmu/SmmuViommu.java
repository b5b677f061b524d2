package dev.belfry.host.smmu;

import dev.belfry.host.iommu.HardwareQueues;
import dev.belfry.host.iommu.IommuDevice;
import dev.belfry.host.iommu.NestedDomain;
import dev.belfry.host.iommu.ViommuBackend;
import dev.belfry.host.uapi.Done;
import dev.belfry.host.uapi.Errno;
import dev.belfry.host.uapi.Result;
import dev.belfry.kernel.smmu.Stage2Domain;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/// The driver's half of a vIOMMU (`struct arm_vsmmu`): its VMID is that of the stage 2, which two
/// vIOMMUs over one parent therefore share.
final class SmmuViommu implements ViommuBackend {

    /// `IOMMU_VEVENTQ_TYPE_ARM_SMMUV3`.
    private static final int VEVENTQ_ARM_SMMUV3 = 1;

    private final HostSmmu smmu;
    private final SmmuPagingDomain parent;
    private final Stage2Domain stage2;
    private Optional<Vdevices> vdevices = Optional.empty();
    private Optional<CmdqvInterface> vintf = Optional.empty();

    SmmuViommu(HostSmmu smmu, SmmuPagingDomain parent, Stage2Domain stage2) {
        this.smmu = smmu;
        this.parent = parent;
        this.stage2 = stage2;
    }

    /// Gives it queues of its own.
    ///
    /// @return `ENOSPC` when the CMDQ-V has no interface left
    Result<ViommuBackend> withQueues(HostCmdqv cmdqv) {
        return cmdqv.allocate(this, stage2.vmid())
                .map(v -> {
                    vintf = Optional.of(v);
                    return this;
                });
    }

    @Override
    public Optional<HardwareQueues> queues() {
        return vintf.map(v -> v);
    }

    @Override
    public Result<Done> addDevice(IommuDevice device, long virtualId) {
        return vintf.isPresent() && device instanceof HostStream s
                ? vintf.get().addStream(virtualId, s.streamId())
                : Result.done();
    }

    @Override
    public void removeDevice(IommuDevice device, long virtualId) {
        vintf.ifPresent(v -> v.removeStream(virtualId));
    }

    @Override
    public void free() {
        vintf.ifPresent(CmdqvInterface::free);
    }

    HostSmmu smmu() {
        return smmu;
    }

    SmmuPagingDomain parent() {
        return parent;
    }

    Stage2Domain stage2() {
        return stage2;
    }

    @Override
    public void connect(Vdevices object) {
        vdevices = Optional.of(object);
    }

    @Override
    public Result<NestedDomain> allocNested(long ste0, long ste1) {
        return GuestSte.of(ste0, ste1).map(ste -> new SmmuNestedDomain(this, ste));
    }

    @Override
    public Invalidated invalidate(List<long[]> commands) {
        InvalidationRewriter rewriter =
                new InvalidationRewriter(
                        smmu.guestCommandRules(), stage2.vmid(), this::physicalStreamId);
        return new InvalidationBatch(rewriter, smmu.commandQueue(), smmu.dropsUnflushed())
                .run(commands);
    }

    /// A guest's StreamID is the host's only through a vDEVICE.
    private OptionalInt physicalStreamId(int vsid) {
        Optional<IommuDevice> device = vdevices.flatMap(v -> v.device(vsid));
        return device.isPresent() && device.get() instanceof HostStream s
                ? OptionalInt.of(s.streamId())
                : OptionalInt.empty();
    }

    OptionalInt virtualStreamId(HostStream stream) {
        return vdevices.isEmpty() ? OptionalInt.empty() : vdevices.get().virtualId(stream);
    }

    /// Offers an event to the guest.
    ///
    /// @return `EOPNOTSUPP` when the guest has no queue for it
    Optional<Errno> report(long[] words) {
        return report(VEVENTQ_ARM_SMMUV3, words);
    }

    Optional<Errno> report(int type, long[] words) {
        return vdevices.isEmpty()
                ? Optional.of(Errno.EOPNOTSUPP)
                : vdevices.get().report(type, words);
    }
}
