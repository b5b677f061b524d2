package dev.belfry.guest;

import dev.belfry.guest.dma.DmaSpace;
import dev.belfry.guest.dma.IdentitySpace;
import dev.belfry.guest.dma.TranslatedSpace;
import dev.belfry.guest.firmware.FirmwareInfo;
import dev.belfry.guest.firmware.HostBridge;
import dev.belfry.guest.firmware.IdMap;
import dev.belfry.guest.firmware.ReservedMemory;
import dev.belfry.guest.firmware.SmmuNode;
import dev.belfry.guest.irq.InterruptTable;
import dev.belfry.kernel.Machine;
import dev.belfry.kernel.iopgtable.Granule;
import dev.belfry.kernel.iopgtable.Protection;
import dev.belfry.kernel.its.SpiController;
import dev.belfry.kernel.memory.PageAllocator;
import dev.belfry.kernel.pci.PciFunction;
import dev.belfry.kernel.smmu.Domain;
import dev.belfry.kernel.smmu.SmmuDriver;
import dev.belfry.kernel.smmu.Tegra241Cmdqv;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// SMMUs, IOMMU groups, and which domain each group is in.
final class GuestIommu {

    /// Attributes of an RMR up to which memory is Device memory.
    private static final int DEVICE_GRE = 3;

    private static final int NORMAL_WRITE_BACK = 5;

    private final Machine machine;
    private final PageAllocator pages;
    private final FirmwareInfo firmware;
    private final BootOptions options;
    private final Granule pageSize;
    private final List<String> problems;
    private final List<Optional<SmmuDriver>> smmus = new ArrayList<>();
    private final List<GuestReport.Event> events = new ArrayList<>();
    private final IommuGroups groups;

    GuestIommu(
            Machine machine,
            PageAllocator pages,
            FirmwareInfo firmware,
            BootOptions options,
            Granule pageSize,
            List<String> problems) {
        this.machine = machine;
        this.pages = pages;
        this.firmware = firmware;
        this.options = options;
        this.pageSize = pageSize;
        this.problems = problems;
        this.groups = new IommuGroups(firmware.source() == FirmwareInfo.Source.ACPI);
    }

    /// Probes and resets every SMMU; streams that firmware has at work bypass from the start.
    void bringUp(SpiController gic, InterruptTable interrupts) {
        for (int i = 0; i < firmware.smmus().size(); i++) {
            int index = i;
            SmmuNode node = firmware.smmus().get(index);
            Optional<SmmuDriver> driver = probe(index, node);
            smmus.add(driver);
            driver.ifPresent(d -> start(index, node, d, gic, interrupts));
            smmus.set(index, driver.filter(d -> startCmdqv(index, d, gic, interrupts)));
        }
    }

    private Optional<SmmuDriver> probe(int index, SmmuNode node) {
        return switch (SmmuDriver.probe(machine, node.base(), node.coherent())) {
            case SmmuDriver.Probe.Usable(var features) ->
                    Optional.of(
                            new SmmuDriver(
                                    machine,
                                    pages,
                                    node.base(),
                                    features,
                                    new SmmuDriver.Options(
                                            pageSize, 48, false, options.msiPolling())));
            case SmmuDriver.Probe.Refused(String reason) -> {
                problems.add("SMMU " + index + ": " + reason);
                yield Optional.empty();
            }
        };
    }

    private void start(
            int index,
            SmmuNode node,
            SmmuDriver driver,
            SpiController gic,
            InterruptTable interrupts) {
        for (ReservedMemory rmr : firmware.rmrs()) {
            for (ReservedMemory.Streams streams : rmr.streams()) {
                long end = streams.first() + Math.min(streams.count(), 1 << 16);
                for (long id = streams.first(); streams.smmu() == index && id < end; id++) {
                    driver.bypassFromStart((int) id);
                }
            }
        }
        if (!driver.reset()) {
            problems.add("SMMU " + index + ": a register did not acknowledge");
        }
        request(gic, interrupts, node.eventIntId(), () -> takeEvents(index));
        request(gic, interrupts, node.gerrorIntId(), () -> handleErrors(index, driver));
    }

    /// The queues of a CMDQ-V.
    ///
    /// @return false when they do not come up, and the SMMU is given up with them
    private boolean startCmdqv(
            int index, SmmuDriver driver, SpiController gic, InterruptTable interrupts) {
        Optional<SmmuNode.Cmdqv> node = firmware.smmus().get(index).cmdqv();
        if (node.isEmpty()) {
            return true;
        }
        long base = node.get().base();
        if (options.cmdqv() == BootOptions.CmdqvUse.DISABLED) {
            Tegra241Cmdqv.disable(machine, base);
            return true;
        }
        int log2Size = driver.features().commandQueueLog2();
        Tegra241Cmdqv queues = new Tegra241Cmdqv(machine, pages, base, log2Size);
        if (options.cmdqv() == BootOptions.CmdqvUse.BYPASS) {
            queues.bypass();
        }
        request(
                gic,
                interrupts,
                node.get().intId(),
                () ->
                        problems.add(
                                "SMMU "
                                        + index
                                        + ": queues of its CMDQ-V stopped, map 0x"
                                        + Long.toHexString(queues.handleErrors())));
        boolean up = driver.use(queues);
        if (!up) {
            problems.add("SMMU " + index + ": the queues of its CMDQ-V cannot be enabled");
        }
        return up;
    }

    private static void request(
            SpiController gic, InterruptTable interrupts, int intId, Runnable handler) {
        if (intId != 0) {
            gic.requestSpi(intId, true, 0);
            interrupts.register(intId, cpu -> handler.run());
        }
    }

    private void handleErrors(int index, SmmuDriver driver) {
        int active = driver.handleGlobalErrors();
        if (active != 0) {
            problems.add("SMMU " + index + ": GERROR 0x" + Integer.toHexString(active));
        }
    }

    private void takeEvents(int index) {
        smmus.get(index)
                .ifPresent(driver ->
                        driver.takeEvents()
                                .forEach(event -> events.add(new GuestReport.Event(index, event))));
    }

    /// Takes what the Event queues hold, whether or not an interrupt said so.
    void takeAllEvents() {
        for (int index = 0; index < smmus.size(); index++) {
            takeEvents(index);
        }
    }

    List<GuestReport.Event> events() {
        return events;
    }

    /// An SMMU's driver; empty when it could not be used.
    Optional<SmmuDriver> smmu(int index) {
        return smmus.get(index);
    }

    /// StreamIDs of a function and of the ids that bridges replace its own by.
    List<IdMap.Mapped> streamsOf(HostBridge bridge, PciFunction function) {
        List<IdMap.Mapped> streams = new ArrayList<>();
        for (int id : function.requesterIds()) {
            IdMap.find(bridge.iommuMaps(), id).ifPresent(streams::add);
        }
        return streams;
    }

    /// Addresses for a function's DMA; physical ones where no SMMU sees them.
    DmaSpace spaceOf(PciFunction function) {
        return groupOf(function).map(IommuGroup::space).orElseGet(IdentitySpace::new);
    }

    /// The group that a function is in; empty when no SMMU sees its transactions.
    Optional<IommuGroup> groupOf(PciFunction function) {
        return groups.of(function);
    }

    /// Puts a function into a group, the group into its default domain if it is new, and the
    /// function's streams into the domain.
    ///
    /// @param acs whether the function, a bridge, isolates what is below it
    Optional<IommuGroup> add(HostBridge bridge, PciFunction function, boolean acs) {
        List<IdMap.Mapped> streams = streamsOf(bridge, function);
        groups.seen(function, acs);
        if (streams.isEmpty()) {
            return Optional.empty();
        }
        int smmu = streams.getFirst().target();
        Optional<SmmuDriver> driver = smmus.get(smmu);
        if (driver.isEmpty()) {
            return Optional.empty();
        }
        for (IdMap.Mapped stream : streams) {
            if (!driver.get().addStream((int) stream.id())) {
                problems.add(function.bdf() + ": StreamID beyond the stream table");
                return Optional.empty();
            }
        }
        boolean isNew = groups.find(function, smmu).isEmpty();
        IommuGroup group = groups.join(function, smmu);
        streams.forEach(stream -> group.streams().add((int) stream.id()));
        if (isNew) {
            setDomain(group, bridge, driver.get(), !options.passthrough());
        }
        attach(group, bridge, driver.get(), streams);
        return Optional.of(group);
    }

    private void setDomain(
            IommuGroup group, HostBridge bridge, SmmuDriver driver, boolean translated) {
        if (!translated) {
            group.useIdentity();
            return;
        }
        // Linux prefers stage 1 and takes stage 2 where the SMMU has nothing else.
        Domain domain = driver.features().stage1() ? driver.createStage1(0) : driver.createStage2();
        TranslatedSpace space = new TranslatedSpace(domain, options.strict(), bridge.coherent());
        for (HostBridge.Window window : bridge.windows()) {
            if (window.space() != HostBridge.Space.IO) {
                space.reserve(window.pciBase(), window.pciBase() + window.size() - 1);
            }
        }
        group.use(space, options.strict());
    }

    private void attach(
            IommuGroup group, HostBridge bridge, SmmuDriver driver, List<IdMap.Mapped> streams) {
        if (!(group.space() instanceof TranslatedSpace space)) {
            streams.forEach(stream -> driver.attachBypass((int) stream.id()));
            return;
        }
        for (IdMap.Mapped stream : streams) {
            mapReserved(space, bridge, stream);
            driver.attach((int) stream.id(), space.domain());
        }
        space.domain().flushAll();
    }

    /// PCI devices use an RMR only where firmware asks that its PCI configuration be kept: only
    /// then are the StreamIDs that it wrote down still theirs.
    private void mapReserved(TranslatedSpace space, HostBridge bridge, IdMap.Mapped stream) {
        if (!bridge.preserveConfig()) {
            return;
        }
        for (ReservedMemory rmr : firmware.rmrs()) {
            if (rmr.names(stream.target(), stream.id())) {
                space.mapDirect(rmr.base(), rmr.length(), protectionOf(rmr));
            }
        }
    }

    private static Protection protectionOf(ReservedMemory rmr) {
        return new Protection(
                true,
                true,
                rmr.attributes() == NORMAL_WRITE_BACK,
                rmr.attributes() <= DEVICE_GRE,
                true,
                rmr.privileged());
    }

    /// Moves a group to the identity domain, or to a new DMA domain. Its drivers are unbound.
    void switchDomain(IommuGroup group, HostBridge bridge, boolean translated) {
        SmmuDriver driver = smmus.get(group.smmu()).orElseThrow();
        Optional<Domain> old = domainOf(group);
        setDomain(group, bridge, driver, translated);
        List<IdMap.Mapped> streams =
                group.streams().stream()
                        .map(id -> new IdMap.Mapped(Integer.toUnsignedLong(id), group.smmu()))
                        .toList();
        attach(group, bridge, driver, streams);
        old.ifPresent(driver::destroy);
    }

    private static Optional<Domain> domainOf(IommuGroup group) {
        return group.space() instanceof TranslatedSpace space
                ? Optional.of(space.domain())
                : Optional.empty();
    }

    /// A function leaves: its streams abort, and its group ends with its last member. The ids that
    /// bridges above replace its own by stay with those who share them.
    void remove(PciFunction function) {
        Optional<IommuGroup> group = groups.leave(function);
        if (group.isEmpty()) {
            return;
        }
        IommuGroup left = group.get();
        SmmuDriver driver = smmus.get(left.smmu()).orElseThrow();
        boolean last = left.members().isEmpty();
        List<Integer> streams = last ? List.copyOf(left.streams()) : List.of(function.routingId());
        for (int stream : streams) {
            if (left.streams().remove(stream)) {
                driver.detach(stream);
            }
        }
        if (last) {
            domainOf(left).ifPresent(driver::destroy);
        }
    }

    /// All groups end: streams abort, domains are gone.
    void removeAll() {
        for (IommuGroup group : groups.all()) {
            SmmuDriver driver = smmus.get(group.smmu()).orElseThrow();
            group.streams().forEach(driver::detach);
            domainOf(group).ifPresent(driver::destroy);
        }
        groups.clear();
    }

    /// Number of groups.
    int groupCount() {
        return groups.all().size();
    }
}
