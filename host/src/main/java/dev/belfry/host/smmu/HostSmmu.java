package dev.belfry.host.smmu;

import dev.belfry.host.iommu.CmdqvInfo;
import dev.belfry.host.iommu.HwInfo;
import dev.belfry.host.iommu.Iommu;
import dev.belfry.host.iommu.IommuDevice;
import dev.belfry.host.iommu.PagingDomain;
import dev.belfry.host.iommu.ViommuBackend;
import dev.belfry.host.uapi.Errno;
import dev.belfry.host.uapi.KernelVersion;
import dev.belfry.host.uapi.Result;
import dev.belfry.host.uapi.UserStructs;
import dev.belfry.kernel.memory.OutOfMemory;
import dev.belfry.kernel.smmu.Command;
import dev.belfry.kernel.smmu.CommandQueue;
import dev.belfry.kernel.smmu.Domain;
import dev.belfry.kernel.smmu.SmmuDriver;
import dev.belfry.kernel.smmu.Stage2Domain;
import dev.belfry.model.journey.Bytes;
import dev.belfry.model.smmu.spec.EventRecord;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;

/// A physical SMMUv3 and the host kernel's driver of it.
public final class HostSmmu implements Iommu {

    /// What the driver found.
    ///
    /// @param name as the host's messages call it
    /// @param driver brings it up and writes its tables
    /// @param hardware its ID registers
    /// @param canwbs firmware says that its root ports are fully coherent
    /// @param cmdqv the CMDQ-V beside it
    /// @param dropsUnflushed the quirk of `ModuleOptions`
    /// @param version the kernel
    /// @param log where the kernel's messages go
    public record Setup(
            String name,
            SmmuDriver driver,
            HwInfo hardware,
            boolean canwbs,
            Optional<HostCmdqv> cmdqv,
            boolean dropsUnflushed,
            KernelVersion version,
            Consumer<String> log) {}

    /// `IOMMU_VIOMMU_TYPE_ARM_SMMUV3`.
    private static final int VIOMMU_ARM_SMMUV3 = 1;

    /// `IOMMU_VIOMMU_TYPE_TEGRA241_CMDQV`, from 6.17.
    private static final int VIOMMU_TEGRA241_CMDQV = 2;

    /// Bytes of `struct iommu_viommu_tegra241_cmdqv`.
    private static final int TEGRA241_CMDQV_LENGTH = 16;

    private final Setup setup;
    private final NestingSupport nesting;
    private final Map<Integer, HostStream> streams = new TreeMap<>();
    private final EventForwarder forwarder;
    private final List<HostEvent> events = new ArrayList<>();

    public HostSmmu(Setup setup) {
        this.setup = setup;
        this.nesting = new NestingSupport(setup.hardware);
        this.forwarder = new EventForwarder(setup.name, streams, setup.log);
    }

    @Override
    public String name() {
        return setup.name;
    }

    @Override
    public HwInfo hwInfo() {
        return setup.hardware;
    }

    /// The driver: what `belfry run` shows of the stream table comes from it.
    public SmmuDriver driver() {
        return setup.driver;
    }

    CommandQueue commandQueue() {
        return setup.driver.commandQueue();
    }

    boolean dropsUnflushed() {
        return setup.dropsUnflushed;
    }

    KernelVersion version() {
        return setup.version;
    }

    /// Takes a device in (`arm_smmu_probe_device`).
    ///
    /// @return `ERANGE` when the stream table cannot hold its StreamID
    public Result<HostStream> addDevice(HostStream.Setup device) {
        if (!setup.driver.addStream(device.streamId())) {
            return Result.err(
                    Errno.ERANGE,
                    device.name() + ": " + setup.name + " has no StreamID " + device.streamId());
        }
        HostStream stream = new HostStream(this, device);
        streams.put(device.streamId(), stream);
        return Result.ok(stream);
    }

    /// Devices behind it, by StreamID.
    public Collection<HostStream> streams() {
        return streams.values();
    }

    @Override
    public boolean tracksDirty() {
        return setup.driver.features().dirty() && setup.driver.features().coherent();
    }

    @Override
    public Result<PagingDomain> allocPaging(IommuDevice device, Use use) {
        boolean stage1 = setup.driver.features().stage1();
        if (use.nestParent() && (use.dirtyTracking() || use.pasid())) {
            return Result.err(Errno.EOPNOTSUPP, "a nest parent has neither PASIDs nor dirty state");
        }
        if ((use.dirtyTracking() || use.pasid()) && !stage1) {
            return Result.err(Errno.EOPNOTSUPP, setup.name + " has no stage 1");
        }
        Optional<String> why = use.nestParent() ? nesting.whyNoNestParent() : Optional.empty();
        if (why.isPresent()) {
            return Result.err(Errno.EOPNOTSUPP, setup.name + ": " + why.get());
        }
        boolean stage2 = use.nestParent() || !stage1;
        if (stage2 ? !setup.driver.hasVmid() : !setup.driver.hasAsid()) {
            // ida_alloc_range and xa_alloc differ in what they say.
            return stage2
                    ? Result.err(Errno.ENOSPC, setup.name + " has no VMID left")
                    : Result.err(Errno.EBUSY, setup.name + " has no ASID left");
        }
        try {
            Domain domain =
                    stage2
                            ? setup.driver.createStage2(use.nestParent())
                            : setup.driver.createStage1(device.maxPasidLog2(), use.dirtyTracking());
            return Result.ok(new SmmuPagingDomain(this, setup.driver, domain));
        } catch (OutOfMemory e) {
            return Result.err(Errno.ENOMEM, "no memory for translation tables");
        }
    }

    /// What is checked in guests' commands.
    Optional<GuestCommandRules> guestCommandRules() {
        return version().has(KernelVersion.V7_3)
                ? Optional.of(new GuestCommandRules(setup.driver.features()))
                : Optional.empty();
    }

    @Override
    public boolean supportsViommu(IommuDevice device, int type) {
        boolean known =
                type == VIOMMU_ARM_SMMUV3
                        || (type == VIOMMU_TEGRA241_CMDQV && cmdqvInfo().isPresent());
        return known && nesting.whyNoViommu(setup.canwbs).isEmpty();
    }

    @Override
    public Optional<CmdqvInfo> cmdqvInfo() {
        return setup.cmdqv.filter(c -> setup.version.has(KernelVersion.V6_17)).map(HostCmdqv::info);
    }

    /// Issues a command by itself.
    void issue(int opcode) {
        commandQueue().issueSync(new Command(opcode, 0));
    }

    @Override
    public Result<ViommuBackend> allocViommu(
            IommuDevice device, PagingDomain parent, int type, Bytes data) {
        if (!(parent instanceof SmmuPagingDomain p
                && p.iommu().equals(this)
                && p.domain() instanceof Stage2Domain stage2)) {
            return Result.err(
                    Errno.EINVAL,
                    "the parent was made for " + parent.iommu().name() + ", not " + setup.name);
        }
        SmmuViommu viommu = new SmmuViommu(this, p, stage2);
        if (type != VIOMMU_TEGRA241_CMDQV) {
            return Result.ok(viommu);
        }
        return UserStructs.check(data, TEGRA241_CMDQV_LENGTH, "iommu_viommu_tegra241_cmdqv")
                .then(d -> viommu.withQueues(setup.cmdqv.orElseThrow()));
    }

    /// The event thread: takes what the SMMU recorded, and forwards or logs it.
    public void handleEvents() {
        for (EventRecord event : setup.driver.takeEvents()) {
            events.add(new HostEvent(setup.name, event, forwarder.handle(event)));
        }
    }

    /// What it recorded, oldest first.
    public List<HostEvent> events() {
        return List.copyOf(events);
    }

    /// The error interrupt's handler.
    public void handleGlobalErrors() {
        int active = setup.driver.handleGlobalErrors();
        if (active != 0) {
            setup.log.accept(setup.name + ": GERROR " + Integer.toHexString(active));
        }
    }
}
