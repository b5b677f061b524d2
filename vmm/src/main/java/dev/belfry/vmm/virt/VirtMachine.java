package dev.belfry.vmm.virt;

import dev.belfry.host.HostKernel;
import dev.belfry.host.iommu.HwInfo;
import dev.belfry.host.memory.UserMemory;
import dev.belfry.host.memory.UserVa;
import dev.belfry.host.uapi.Result;
import dev.belfry.model.fabric.Doorbell;
import dev.belfry.model.gic.InterruptController;
import dev.belfry.model.memory.AddressMap;
import dev.belfry.model.memory.PhysicalMemory;
import dev.belfry.model.pci.EndpointSettings;
import dev.belfry.model.pci.HotPlugSlot;
import dev.belfry.model.pci.PciBus;
import dev.belfry.model.pci.PciSegment;
import dev.belfry.vmm.cmdline.CommandLineError;
import dev.belfry.vmm.cmdline.Position;
import dev.belfry.vmm.firmware.FirmwareImage;
import dev.belfry.vmm.firmware.FirmwareInputs;
import dev.belfry.vmm.iommu.AddressSpace;
import dev.belfry.vmm.machine.Accelerator;
import dev.belfry.vmm.machine.MachineDescription;
import dev.belfry.vmm.machine.PciFunction;
import dev.belfry.vmm.machine.SmmuInstance;
import dev.belfry.vmm.machine.VirtMap;
import dev.belfry.vmm.refusal.HostRefusal;
import dev.belfry.vmm.refusal.RefusalLog;
import dev.belfry.vmm.version.QemuVersion;
import dev.belfry.vmm.vfio.VfioContainer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/// A virt machine that runs: what a CPU of the guest can reach, and what a person wants to see of
/// it.
public final class VirtMachine {

    /// Firmware's tables lie in the last part of RAM, or in the last 4 MiB of it.
    private static final long TABLES = 4L << 20;

    private final MachineDescription described;
    private final VirtOptions options;
    private final AddressMap bus = new AddressMap();
    private final Irqchip irqchip;
    private final GuestPci pci;
    private final List<SmmuUnit> smmus = new ArrayList<>();
    private final PassedThrough passedThrough;
    private final IommuWiring wiring;
    private final RefusalLog log = new RefusalLog();
    private final Set<HotPlugSlot> listening = new HashSet<>();
    private Consumer<GuestFunction> leaving = f -> {};

    /// Assembles the machine.
    ///
    /// @param host the kernel that it runs on
    /// @throws dev.belfry.vmm.cmdline.CommandLineError what QEMU or the host refuses
    public static VirtMachine create(
            MachineDescription described, HostKernel host, VirtOptions options) {
        return new VirtMachine(described, host, options);
    }

    private VirtMachine(MachineDescription described, HostKernel host, VirtOptions options) {
        this.described = described;
        this.options = options;
        UserMemory process = host.newProcess();
        long size = described.memory().size();
        UserVa ram =
                HostRefusal.orRefuse(
                        process.mapForGuest(size, VirtMap.RAM),
                        new Position(1, 1, "-m"),
                        "HOST-REFUSES",
                        "the host's memory does not do");
        bus.addMemory(
                "RAM",
                VirtMap.RAM.value(),
                size,
                new GuestRam(VirtMap.RAM.value(), size, process.view(), ram.value()));
        irqchip = irqchip(host, process, ram);
        irqchip.placeInto(bus);
        VfioContainer.Ram guestRam = new VfioContainer.Ram(VirtMap.RAM.value(), size, ram);
        passedThrough =
                new PassedThrough(
                        new PassedThrough.Setup(described, host, process, options, guestRam, log));
        pci =
                new GuestPci(
                        described.pci(),
                        options.probe(),
                        EndpointSettings.DEFAULT.withSystem(bus),
                        v -> passedThrough.bind(v).function());
        placePci();
        makeSmmus(host);
        wiring = new IommuWiring(described, pci, smmus, bus, irqchip, options);
        wiring.connectRoots();
        passedThrough.attach(wiring, irqchip);
    }

    private Irqchip irqchip(HostKernel host, UserMemory process, UserVa ram) {
        if (!described.accelerator().hasKernelGic()) {
            return EmulatedIrqchip.of(described, bus, options.probe());
        }
        Result<KvmIrqchip> made =
                KvmMachine.create(described, host, process, options)
                        .then(vm ->
                                vm.setUserMemoryRegion(KvmMachine.ramSlot(described, ram))
                                        .map(d -> vm))
                        .then(vm ->
                                KvmIrqchip.create(
                                        new KvmIrqchip.Setup(vm, described, options.probe(), log)));
        return HostRefusal.orRefuse(
                made,
                new Position(1, 1, "-machine"),
                "HOST-REFUSES",
                "KVM does not make this machine");
    }

    private void placePci() {
        PciSegment segment = pci.segment();
        VirtMap map = described.map();
        bus.addDevice("PCIe ECAM", map.ecam().base().value(), segment.ecam(map.buses()));
        bus.addDevice(
                "PCIe MMIO",
                VirtMap.MMIO32.base().value(),
                segment.memoryWindow(VirtMap.MMIO32.base().value(), VirtMap.MMIO32.size()));
        map.mmio64()
                .ifPresent(w ->
                        bus.addDevice(
                                "PCIe MMIO, high",
                                w.base().value(),
                                segment.memoryWindow(w.base().value(), w.size())));
    }

    private void makeSmmus(HostKernel host) {
        SmmuFactory factory =
                new SmmuFactory(
                        described,
                        bus,
                        irqchip,
                        host.pageSize(),
                        options,
                        new AddressSpace.SharedAsSystemMemory(),
                        log);
        Map<SmmuInstance, CmdqvUnit> cmdqvs =
                new CmdqvSelection(described, passedThrough, irqchip, options, log).make();
        for (SmmuInstance s : described.smmus()) {
            Optional<CmdqvUnit> cmdqv = Optional.ofNullable(cmdqvs.get(s));
            SmmuUnit made = factory.make(s, firstHardware(s), cmdqv);
            smmus.add(made);
            bus.addDevice(s.label(), s.mmio().value(), made.engine());
            cmdqv.ifPresent(c ->
                    bus.addDevice("CMDQV of " + s.label(), c.place().mmio().value(), c.frame()));
        }
    }

    /// Registers of the physical SMMU behind the first VFIO device of an accelerated SMMU.
    private Optional<HwInfo> firstHardware(SmmuInstance s) {
        return described.pci().vfio().stream()
                .filter(v -> described.smmuOf(v).filter(s::equals).isPresent())
                .findFirst()
                .flatMap(passedThrough::hardwareInfo);
    }

    // ---- what a CPU reaches

    /// The guest-physical address space.
    public PhysicalMemory bus() {
        return bus;
    }

    /// Its regions, by address.
    public List<AddressMap.Region> regions() {
        return bus.regions();
    }

    /// Stops the CPUs, for somebody who looks at the guest's memory: KVM's ITS writes its tables.
    public void stop() {
        irqchip.stopped();
    }

    /// The interrupt controller's CPU side.
    public InterruptController interrupts() {
        return irqchip.controller();
    }

    /// Builds the firmware tables and puts them into RAM, as when firmware reads them first: buses
    /// are numbered and BARs placed by then.
    public FirmwareImage installFirmware() {
        VirtMap.Region ram = described.map().ram();
        long room = Math.min(TABLES, ram.size() / 4);
        FirmwareImage image =
                FirmwareImage.build(
                        firmwareInputs(QemuVersion.NEWEST), ram.base().plus(ram.size() - room));
        for (FirmwareImage.Blob blob : image.blobs()) {
            byte[] bytes = blob.bytes().toArray();
            bus.writeBytes(blob.at().value(), bytes, 0, bytes.length);
        }
        return image;
    }

    /// What firmware tables depend on, as of now.
    ///
    /// @param release of the QEMU whose tables are meant
    public FirmwareInputs firmwareInputs(QemuVersion release) {
        return VirtFirmware.inputs(described, pci, smmus, options, release);
    }

    // ---- what changes while it runs

    /// Plugs an endpoint in (`device_add`) and tells the guest by its slot.
    ///
    /// @throws dev.belfry.vmm.cmdline.CommandLineError what the host refuses; the machine is as
    ///   before then
    public GuestFunction plug(PciFunction endpoint) {
        GuestFunction function = pci.insert(endpoint);
        try {
            if (endpoint instanceof PciFunction.Vfio v) {
                passedThrough.attach(wiring, irqchip, v);
            }
        } catch (CommandLineError e) {
            pci.takeOut(function);
            throw e;
        }
        pci.slot(function)
                .ifPresent(slot -> {
                    if (listening.add(slot)) {
                        slot.onLeave(this::left);
                    }
                    slot.inserted();
                });
        return function;
    }

    /// Why an endpoint must stay, whatever the guest says; empty when it may go.
    public Optional<String> unplugBlocker(GuestFunction function) {
        return smmus.stream()
                .flatMap(unit -> unit.accelerated().stream())
                .flatMap(smmu -> smmu.unplugBlocker(function).stream())
                .findFirst();
    }

    /// Asks the guest to let go of an endpoint (`device_del`); it leaves when the guest has.
    ///
    /// @return false when the guest is at work on the slot
    public boolean askForRemoval(GuestFunction function) {
        HotPlugSlot slot = pci.slot(function).orElseThrow();
        if (slot.isBusy()) {
            return false;
        }
        if (listening.add(slot)) {
            slot.onLeave(this::left);
        }
        slot.askForRemoval();
        return true;
    }

    /// Whom to tell when an endpoint has left: nothing of it is held any more.
    public void onLeave(Consumer<GuestFunction> listener) {
        leaving = listener;
    }

    private void left(dev.belfry.model.pci.PciFunction hardware) {
        pci.functions().stream()
                .filter(f -> f.hardware().equals(hardware))
                .findFirst()
                .ifPresent(f -> {
                    passedThrough.of(f).ifPresent(d -> passedThrough.remove(wiring, d));
                    pci.takeOut(f);
                    leaving.accept(f);
                });
    }

    /// Hardware reset (`system_reset`): PCI first, so that nothing does DMA any more; then the
    /// SMMUs, whose streams go where GBPA's reset value has them; then the interrupt controller.
    /// RAM stays as it is, and so do devices that were plugged in.
    public void reset() {
        for (PciBus root : pci.segment().rootBuses()) {
            root.functions().forEach(dev.belfry.model.pci.PciFunction::reset);
        }
        for (SmmuUnit unit : smmus) {
            unit.cmdqv().ifPresent(c -> c.device().reset());
            unit.engine().reset();
        }
        irqchip.reset();
    }

    /// Ends the machine: every device of the host is given back, the newest first.
    public void close() {
        passedThrough.devices().reversed().forEach(d -> passedThrough.remove(wiring, d));
    }

    // ---- what a person wants to see

    /// What it was made from.
    public MachineDescription described() {
        return described;
    }

    /// Whether KVM runs it.
    public boolean hasKvm() {
        return described.accelerator().kind() == Accelerator.Kind.KVM;
    }

    /// The PCI segment.
    public PciSegment pci() {
        return pci.segment();
    }

    /// All PCI functions, each bridge before those below it.
    public List<GuestFunction> functions() {
        return pci.functions();
    }

    /// The SMMUs, in the order of the command line.
    public List<SmmuUnit> smmus() {
        return List.copyOf(smmus);
    }

    /// The SMMU that serves a function.
    public Optional<SmmuUnit> smmuOf(PciFunction function) {
        return described
                .smmuOf(function)
                .flatMap(s -> smmus.stream().filter(u -> u.described().equals(s)).findFirst());
    }

    /// The address space of a function.
    public AddressSpace addressSpace(GuestFunction function) {
        return wiring.addressSpace(function);
    }

    /// The passed-through devices.
    public PassedThrough passedThrough() {
        return passedThrough;
    }

    /// Frames where a device's write becomes an interrupt.
    public List<Doorbell> doorbells() {
        return irqchip.doorbells();
    }

    /// What the host refused while the machine ran, one sentence each.
    public List<String> problems() {
        return log.sentences();
    }
}
