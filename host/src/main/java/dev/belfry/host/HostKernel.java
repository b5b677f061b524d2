package dev.belfry.host;

import dev.belfry.host.description.DeviceDescription;
import dev.belfry.host.description.HostDescription;
import dev.belfry.host.description.SmmuDescription;
import dev.belfry.host.iommu.IommuDevice;
import dev.belfry.host.iommu.IommuGroup;
import dev.belfry.host.iommufd.Iommufd;
import dev.belfry.host.kvm.Kvm;
import dev.belfry.host.machine.HostBridge;
import dev.belfry.host.machine.HostMachine;
import dev.belfry.host.memory.HostPages;
import dev.belfry.host.memory.UserMemory;
import dev.belfry.host.msi.DeviceMsi;
import dev.belfry.host.msi.InterruptTable;
import dev.belfry.host.msi.MsiDesign;
import dev.belfry.host.smmu.HostSmmu;
import dev.belfry.host.smmu.HostStream;
import dev.belfry.host.uapi.IoctlFilter;
import dev.belfry.host.vfio.VfioDevice;
import dev.belfry.host.vfio.VfioFunction;
import dev.belfry.kernel.its.ItsDriver;
import dev.belfry.kernel.its.SpiController;
import dev.belfry.kernel.memory.PageAllocator;
import dev.belfry.kernel.pci.AtsCapability;
import dev.belfry.kernel.pci.PciFunction;
import dev.belfry.kernel.pci.PciHost;
import dev.belfry.model.address.Hpa;
import dev.belfry.model.journey.Probe;
import dev.belfry.model.pci.spec.Bdf;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A running host kernel: GIC, ITSs and SMMUs are up, PCI is enumerated, every function is bound to
/// vfio-pci.
///
/// Processes come to it through its files: [#openIommu], [#openVfio], [#kvm], and memory from
/// [#newProcess]. It takes interrupts when the machine signals them.
public final class HostKernel {

    /// How a kernel is started.
    ///
    /// @param msi which message devices are given
    /// @param probe told of what the kernel does with interrupts; the machine has its own
    public record Boot(MsiDesign msi, Probe probe) {}

    private static final int KVM_ADDRESS_BITS = 48;

    private final HostMachine machine;
    private final HostDescription description;
    private final PageAllocator kernelPages;
    private final UserMemory firstProcess;
    private final List<String> log = new ArrayList<>();
    private final InterruptTable irqs;
    private final Map<String, HostSmmu> smmus = new LinkedHashMap<>();
    private final Map<String, ItsDriver> itss;
    private final Map<Integer, IommuGroup> groups = new HashMap<>();
    private final Map<Bdf, VfioFunction> functions = new LinkedHashMap<>();
    private final Kvm kvm;
    private final MsiDesign msi;

    /// Boots the kernel.
    ///
    /// @throws IllegalStateException when the machine cannot be driven: its description is wrong
    public HostKernel(HostMachine machine, Boot boot) {
        this.machine = machine;
        this.description = machine.description();
        this.msi = boot.msi;
        long kernelSize = KernelShare.of(description.ramSize());
        this.kernelPages =
                new PageAllocator(machine, description.ramBase(), kernelSize, description.seed());
        HostPages userPages =
                new HostPages(
                        description.ramBase() + kernelSize,
                        description.ramSize() - kernelSize,
                        description.pageSize(),
                        description.seed());
        this.firstProcess = new UserMemory(userPages, machine.memory());
        this.kvm = new Kvm(KVM_ADDRESS_BITS, description.gic().gicv2Guests());
        this.irqs = new InterruptTable(machine, boot.probe);
        HostInterrupts interrupts = HostInterrupts.bringUp(machine, kernelPages);
        this.itss = interrupts.itss();
        SmmuBringUp bringUp = new SmmuBringUp(machine, kernelPages, irqs, interrupts.gic(), log);
        for (SmmuDescription s : description.smmus()) {
            smmus.put(s.name(), bringUp.start(s));
        }
        for (HostBridge bridge : machine.hostBridges()) {
            scan(bridge, interrupts.gic(), boot);
        }
        machine.onInterrupt(irqs::takeAll);
    }

    private void scan(HostBridge bridge, SpiController gic, Boot boot) {
        PciHost host =
                new PciHost(
                        machine,
                        new PciHost.Setup(
                                bridge.segment(),
                                bridge.ecamBase(),
                                bridge.bus(),
                                bridge.bus(),
                                bridge.windows(),
                                false));
        host.enumerate();
        for (PciFunction f : host.functions()) {
            description.device(f.bdf()).ifPresent(d -> probe(host, f, d, gic, boot));
        }
    }

    private void probe(
            PciHost host, PciFunction f, DeviceDescription d, SpiController gic, Boot boot) {
        host.enable(f, false);
        HostSmmu smmu = found(smmus.get(d.smmu()), d.smmu());
        IommuGroup group = groups.computeIfAbsent(d.group(), IommuGroup::new);
        HostStream stream =
                smmu.addDevice(Streams.setup(d, group, AtsCapability.of(host, f))).orThrow();
        DeviceMsi.Policy policy = new DeviceMsi.Policy(boot.msi, description.cpus());
        functions.put(
                d.bdf(),
                new VfioFunction(
                        new VfioFunction.Setup(
                                machine,
                                host,
                                f,
                                stream,
                                found(itss.get(d.its()), d.its()),
                                Integer.toUnsignedLong(d.itsDeviceId()),
                                policy,
                                irqs,
                                new VfioFunction.IntxLine(machine.intxSpi(d.bdf()), gic),
                                description.kernel(),
                                boot.probe)));
    }

    private static <T> T found(@org.jspecify.annotations.Nullable T thing, String name) {
        if (thing == null) {
            throw new IllegalStateException(name + " is not described");
        }
        return thing;
    }

    /// The machine it runs on.
    public HostMachine machine() {
        return machine;
    }

    /// Its page size, bytes: what `getpagesize(2)` tells.
    public long pageSize() {
        return description.pageSize().bytes();
    }

    /// A new process's address space. All processes are one user's.
    public UserMemory newProcess() {
        return firstProcess.another();
    }

    /// `open("/dev/iommu")`.
    public Iommufd openIommu(UserMemory process, IoctlFilter filter) {
        return new Iommufd(
                new Iommufd.Setup(
                        process,
                        description.pageSize().shift(),
                        description.kernel(),
                        description.options().allowUnsafeInterrupts(),
                        filter,
                        new Iommufd.MsiExtensions(msi.features(), this::doorbell)));
    }

    /// The doorbell that a device signals (`msi_get_domain_info` of its ITS).
    private Optional<Hpa> doorbell(IommuDevice device) {
        return description.devices().stream()
                .filter(d -> d.bdf().toString().equals(device.name()))
                .findFirst()
                .flatMap(d -> Optional.ofNullable(itss.get(d.its())))
                .map(its -> new Hpa(its.doorbell()));
    }

    /// `open("/dev/vfio/devices/vfioN")` of the function at `bdf`; empty when the host has none.
    public Optional<VfioDevice> openVfio(Bdf bdf, IoctlFilter filter) {
        return Optional.ofNullable(functions.get(bdf)).map(f -> f.open(filter));
    }

    /// `/dev/kvm`.
    public Kvm kvm() {
        return kvm;
    }

    /// The SMMUs, by name.
    public Map<String, HostSmmu> smmus() {
        return Collections.unmodifiableMap(smmus);
    }

    /// The ITSs, by name.
    public Map<String, ItsDriver> itss() {
        return Collections.unmodifiableMap(itss);
    }

    /// The kernel's messages, oldest first.
    public List<String> messages() {
        return List.copyOf(log);
    }

    /// How many interrupts its CPUs took.
    public long interruptsTaken() {
        return irqs.taken();
    }
}
