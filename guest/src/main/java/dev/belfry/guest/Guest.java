package dev.belfry.guest;

import dev.belfry.guest.driver.EngineDriver;
import dev.belfry.guest.driver.PortDriver;
import dev.belfry.guest.driver.VectorState;
import dev.belfry.guest.firmware.FirmwareInfo;
import dev.belfry.guest.firmware.HostBridge;
import dev.belfry.guest.firmware.IdMap;
import dev.belfry.guest.irq.InterruptTable;
import dev.belfry.kernel.Machine;
import dev.belfry.kernel.iopgtable.Granule;
import dev.belfry.kernel.its.MsiDomain;
import dev.belfry.kernel.its.SpiController;
import dev.belfry.kernel.memory.PageAllocator;
import dev.belfry.kernel.pci.FunctionReset;
import dev.belfry.kernel.pci.PciFunction;
import dev.belfry.kernel.pci.PciHost;
import dev.belfry.kernel.smmu.SmmuDriver;
import dev.belfry.model.pci.spec.Bdf;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/// A guest kernel that has booted.
public final class Guest {

    /// What it boots with.
    ///
    /// @param machine the machine
    /// @param firmware what firmware said
    /// @param commandLine kernel command line
    /// @param seed where its memory goes
    /// @param pageSize the kernel's page size
    /// @param maxVectors most vectors that a driver requests for one device
    public record Setup(
            Machine machine,
            FirmwareInfo firmware,
            String commandLine,
            long seed,
            Granule pageSize,
            int maxVectors) {}

    /// All that an MSI-X table can hold.
    public static final int ALL_VECTORS = 2048;

    /// A slot that keeps calling is left alone at some time.
    private static final int SLOT_ROUNDS = 16;

    private static final int CLASS_HOST_BRIDGE = 0x0600;

    private final Setup setup;
    private final PageAllocator pages;
    private final InterruptTable interrupts;
    private final InterruptSetup interruptSetup;
    private final GuestIommu iommu;
    private final List<PciHost> hosts = new ArrayList<>();
    private final Map<PciFunction, HostBridge> bridges = new LinkedHashMap<>();
    private final Map<Bdf, EngineDriver> drivers = new LinkedHashMap<>();
    private final List<GuestReport.Transfer> transfers = new ArrayList<>();
    private final List<String> problems = new ArrayList<>();
    private final HotPlug hotPlug =
            new HotPlug(
                    (host, above, function) -> add(host, bridgeOf(above), function),
                    this::remove,
                    problems);

    /// Boots with 4 KiB pages, and drivers that request all vectors.
    public static Guest boot(Machine machine, FirmwareInfo firmware, String commandLine) {
        return boot(new Setup(machine, firmware, commandLine, 0, Granule.G4K, ALL_VECTORS));
    }

    /// Boots: interrupt controllers, SMMUs, PCI, drivers.
    public static Guest boot(Setup setup) {
        return new Guest(setup).boot();
    }

    /// The machine was reset: the same kernel boots again. RAM holds what it left there.
    public Guest bootAgain(FirmwareInfo firmware) {
        Guest next =
                new Guest(
                        new Setup(
                                setup.machine,
                                firmware,
                                setup.commandLine,
                                setup.seed,
                                setup.pageSize,
                                setup.maxVectors));
        next.pages.inherit(pages);
        return next.boot();
    }

    private Guest boot() {
        SpiController gic = interruptSetup.bringUp();
        iommu.bringUp(gic, interrupts);
        for (HostBridge bridge : setup.firmware.hostBridges()) {
            hosts.add(new PciHost(setup.machine, bridge.forPci()));
        }
        hosts.forEach(PciHost::enumerate);
        addFunctions();
        return this;
    }

    private Guest(Setup setup) {
        this.setup = setup;
        Machine machine = setup.machine;
        // The kernel's image and firmware's tables are left alone: they lie at either end of RAM.
        long quarter = machine.ramSize() / 4;
        this.pages =
                new PageAllocator(machine, machine.ramBase() + quarter, 2 * quarter, setup.seed);
        this.interrupts = new InterruptTable(machine);
        this.interruptSetup = new InterruptSetup(machine, pages, setup.firmware, problems);
        this.iommu =
                new GuestIommu(
                        machine,
                        pages,
                        setup.firmware,
                        BootOptions.parse(setup.commandLine),
                        setup.pageSize,
                        problems);
    }

    private void addFunctions() {
        for (int index = 0; index < hosts.size(); index++) {
            PciHost host = hosts.get(index);
            HostBridge bridge = setup.firmware.hostBridges().get(index);
            for (PciFunction function : host.functions()) {
                add(host, bridge, function);
            }
            host.unplaced().forEach(bar -> problems.add("no room for a BAR of " + bar.size()));
        }
    }

    private void add(PciHost host, HostBridge bridge, PciFunction function) {
        bridges.put(function, bridge);
        if (function.space().classCode() >>> 8 != CLASS_HOST_BRIDGE) {
            boolean acs = host.enableAcs(function);
            iommu.add(bridge, function, acs);
            bind(host, function);
        }
    }

    private void remove(PciFunction function) {
        unbind(function);
        iommu.remove(function);
        bridges.remove(function);
    }

    private void bind(PciHost host, PciFunction function) {
        HostBridge bridge = bridgeOf(function);
        Optional<IdMap.Mapped> msi = msiOf(bridge, function);
        EngineDriver.Resources resources =
                new EngineDriver.Resources(
                        host,
                        function,
                        iommu.spaceOf(function),
                        msi.flatMap(m -> interruptSetup.msiDomain(m.target())),
                        msi.map(IdMap.Mapped::id).orElse(0L));
        EngineDriver.Services services =
                new EngineDriver.Services(setup.machine, pages, interrupts);
        if (function.isBridge()) {
            PortDriver.probe(services, resources).ifPresent(d -> hotPlug.add(host, d));
            return;
        }
        Optional<EngineDriver> driver = EngineDriver.probe(services, resources);
        if (driver.isPresent()) {
            drivers.put(function.bdf(), driver.get());
            driver.get().requestVectors(setup.maxVectors);
        }
    }

    private HostBridge bridgeOf(PciFunction function) {
        return Optional.ofNullable(bridges.get(function)).orElseThrow();
    }

    /// The DeviceID is that of the requester id which reaches the root.
    private static Optional<IdMap.Mapped> msiOf(HostBridge bridge, PciFunction function) {
        return IdMap.find(bridge.msiMaps(), function.requesterIds().getLast());
    }

    /// Has every device with an engine copy a page both ways, then raise each of its vectors; takes
    /// the interrupts and the events.
    public void exercise() {
        for (Bdf bdf : List.copyOf(drivers.keySet())) {
            copy(bdf);
            raiseAll(bdf);
        }
        iommu.takeAllEvents();
    }

    /// Has a device copy a page both ways.
    public void copy(Bdf bdf) {
        driver(bdf).filter(EngineDriver::hasEngine).ifPresent(driver -> copy(bdf, driver));
        interrupts.poll();
    }

    private void copy(Bdf bdf, EngineDriver driver) {
        List<EngineDriver.Transfer> done = driver.copyThere(CopyPattern.of(setup.seed, bdf));
        if (done.isEmpty()) {
            problems.add(bdf + ": its DMA mask reaches no memory: no copy was tried");
        }
        done.forEach(t ->
                transfers.add(
                        new GuestReport.Transfer(
                                bdf, t.direction(), t.address(), t.bytes(), t.verified())));
    }

    /// Has a device raise each of its vectors once.
    public void raiseAll(Bdf bdf) {
        driver(bdf).ifPresent(driver -> driver.vectors().forEach(v -> driver.raise(v.index())));
        interrupts.poll();
    }

    /// Has a device raise one vector.
    public void raise(Bdf bdf, int vector) {
        driver(bdf).ifPresent(driver -> driver.raise(vector));
        interrupts.poll();
    }

    /// Every CPU takes what is pending.
    ///
    /// @return how many interrupts were taken
    public int takeInterrupts() {
        return interrupts.poll();
    }

    /// Looks after hot-plug slots that called, until none does: cards that came are taken into use,
    /// those that are asked for are let go.
    ///
    /// @return whether anything changed
    public boolean lookAfterSlots() {
        boolean changed = false;
        interrupts.poll();
        for (int round = 0; round < SLOT_ROUNDS && hotPlug.lookAfter(); round++) {
            changed = true;
            interrupts.poll();
        }
        return changed;
    }

    /// Sends a vector to another CPU (`smp_affinity`).
    public void setAffinity(Bdf bdf, int vector, int cpu) {
        driver(bdf).ifPresent(driver -> driver.setAffinity(vector, cpu));
    }

    /// Holds a vector back.
    public void maskVector(Bdf bdf, int vector) {
        driver(bdf).ifPresent(driver -> driver.mask(vector));
    }

    /// Lets a vector through.
    public void unmaskVector(Bdf bdf, int vector) {
        driver(bdf).ifPresent(driver -> driver.unmask(vector));
        interrupts.poll();
    }

    /// Unbinds the drivers of a device's group, moves the group to an identity or a DMA domain
    /// (`iommu_groups/N/type`), and binds them again.
    ///
    /// @return false when no SMMU sees the device
    public boolean switchDomain(Bdf bdf, boolean translated) {
        Optional<PciFunction> function = function(bdf);
        Optional<IommuGroup> group = function.flatMap(iommu::groupOf);
        if (group.isEmpty()) {
            return false;
        }
        List<PciFunction> members = group.get().members();
        members.forEach(this::unbind);
        iommu.switchDomain(group.get(), bridgeOf(function.orElseThrow()), translated);
        members.forEach(member -> bind(hostOf(member), member));
        return true;
    }

    /// Moves a device's group to a new DMA domain under its running drivers: messages stay as they
    /// were written, and what was mapped for them is not there any more.
    ///
    /// @return false when no SMMU sees the device
    public boolean replaceDomain(Bdf bdf) {
        Optional<PciFunction> function = function(bdf);
        Optional<IommuGroup> group = function.flatMap(iommu::groupOf);
        group.ifPresent(g -> iommu.switchDomain(g, bridgeOf(function.orElseThrow()), true));
        return group.isPresent();
    }

    /// Unbinds a device's driver, resets the device alone, and binds it again.
    ///
    /// @return false when the guest does not know the device
    public boolean reset(Bdf bdf) {
        Optional<PciFunction> function = function(bdf);
        function.ifPresent(f -> {
            unbind(f);
            FunctionReset.run(hostOf(f), f);
            bind(hostOf(f), f);
        });
        return function.isPresent();
    }

    /// Unbinds all drivers, gives every bus another number (`gap` numbers left out before each) and
    /// starts again with the functions at their new places.
    public void renumberBuses(int gap) {
        List.copyOf(bridges.keySet()).forEach(this::unbind);
        iommu.removeAll();
        bridges.clear();
        hosts.forEach(host -> host.renumber(gap));
        addFunctions();
    }

    private void unbind(PciFunction function) {
        Optional.ofNullable(drivers.remove(function.bdf())).ifPresent(EngineDriver::detach);
        hotPlug.remove(function);
    }

    private PciHost hostOf(PciFunction function) {
        int index = setup.firmware.hostBridges().indexOf(bridgeOf(function));
        return hosts.get(index);
    }

    private Optional<PciFunction> function(Bdf bdf) {
        return bridges.keySet().stream().filter(f -> f.bdf().equals(bdf)).findFirst();
    }

    private Optional<EngineDriver> driver(Bdf bdf) {
        return Optional.ofNullable(drivers.get(bdf));
    }

    /// The driver of an SMMU: its queues and tables; empty when it could not be used.
    public Optional<SmmuDriver> smmu(int index) {
        return iommu.smmu(index);
    }

    /// Who gives vectors, by firmware's index; empty when it could not be used.
    public Optional<MsiDomain> msiController(int index) {
        return interruptSetup.msiDomain(index);
    }

    /// What is known now.
    public GuestReport report() {
        iommu.takeAllEvents();
        List<GuestReport.Device> devices = new ArrayList<>();
        bridges.forEach((function, bridge) -> devices.add(describe(function, bridge)));
        List<GuestReport.Vector> vectors = new ArrayList<>();
        drivers.forEach(
                (bdf, driver) -> driver.vectors().forEach(v -> vectors.add(describe(bdf, v))));
        return new GuestReport(devices, vectors, iommu.events(), transfers, problems);
    }

    private GuestReport.Device describe(PciFunction function, HostBridge bridge) {
        List<IdMap.Mapped> streams = iommu.streamsOf(bridge, function);
        Optional<IdMap.Mapped> stream = streams.stream().findFirst();
        Optional<IdMap.Mapped> msi = msiOf(bridge, function);
        Optional<IommuGroup> group = iommu.groupOf(function);
        return new GuestReport.Device(
                function.bdf(),
                function.space().vendorId(),
                function.space().deviceId(),
                function.space().classCode(),
                stream.map(s -> OptionalInt.of(s.target())).orElse(OptionalInt.empty()),
                stream.map(s -> OptionalLong.of(s.id())).orElse(OptionalLong.empty()),
                msi.map(m -> OptionalInt.of(m.target())).orElse(OptionalInt.empty()),
                msi.map(m -> OptionalLong.of(m.id())).orElse(OptionalLong.empty()),
                group.map(IommuGroup::id).orElse(-1),
                group.map(IommuGroup::kind).orElse(DomainKind.NONE),
                drivers.containsKey(function.bdf()));
    }

    private static GuestReport.Vector describe(Bdf bdf, VectorState vector) {
        return new GuestReport.Vector(
                bdf,
                vector.index(),
                vector.messageAddress(),
                vector.messageData(),
                vector.doorbell(),
                vector.intId(),
                vector.cpu(),
                vector.masked(),
                vector.taken());
    }
}
