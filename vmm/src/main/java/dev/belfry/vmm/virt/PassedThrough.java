package dev.belfry.vmm.virt;

import dev.belfry.host.HostKernel;
import dev.belfry.host.iommu.DeviceInfo;
import dev.belfry.host.iommu.HwInfo;
import dev.belfry.host.iommufd.Iommufd;
import dev.belfry.host.memory.UserMemory;
import dev.belfry.host.uapi.Result;
import dev.belfry.host.vfio.VfioDevice;
import dev.belfry.model.pci.spec.Bdf;
import dev.belfry.vmm.cmdline.CommandLineError;
import dev.belfry.vmm.cmdline.Position;
import dev.belfry.vmm.iommu.Discards;
import dev.belfry.vmm.machine.MachineDescription;
import dev.belfry.vmm.machine.PciFunction;
import dev.belfry.vmm.msi.KvmRoutes;
import dev.belfry.vmm.refusal.HostRefusal;
import dev.belfry.vmm.refusal.RefusalLog;
import dev.belfry.vmm.vfio.OpenIommufd;
import dev.belfry.vmm.vfio.PassedInterrupts;
import dev.belfry.vmm.vfio.VfioContainer;
import dev.belfry.vmm.vfio.VfioPci;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The passed-through devices of a machine: those of the command line in its order, then those that
/// were plugged in.
public final class PassedThrough {

    /// One of them.
    ///
    /// @param function as the guest sees it
    /// @param vfio the VMM's and the host's side
    /// @param interrupts its vectors' routes, of MSI-X and of MSI; none without KVM
    public record Device(GuestFunction function, VfioPci vfio, List<PassedInterrupts> interrupts) {
        public Device {
            interrupts = List.copyOf(interrupts);
        }

        /// The KVM route of a vector that the guest has enabled.
        public Optional<KvmRoutes.Route> route(int vector) {
            return interrupts.stream().flatMap(i -> i.route(vector).stream()).findFirst();
        }
    }

    /// What its devices are made with.
    ///
    /// @param described the machine
    /// @param host the kernel
    /// @param process the VMM
    /// @param options what else is chosen
    /// @param ram guest RAM
    /// @param log where refusals of the host go
    record Setup(
            MachineDescription described,
            HostKernel host,
            UserMemory process,
            VirtOptions options,
            VfioContainer.Ram ram,
            RefusalLog log) {}

    private final Setup setup;
    private final Map<String, OpenIommufd> iommufds = new HashMap<>();
    private final List<Iommufd> everOpened = new ArrayList<>();
    private final Map<PciFunction.Vfio, VfioPci> bound = new LinkedHashMap<>();
    private final List<Device> devices = new ArrayList<>();
    private final Attaching attaching;

    PassedThrough(Setup setup) {
        this.setup = setup;
        this.attaching = new Attaching(setup);
    }

    /// Opens and binds a device of the host.
    VfioPci bind(PciFunction.Vfio v) {
        Position at = v.plugged().at();
        VfioDevice opened =
                setup.host
                        .openVfio(v.host(), setup.options.filter())
                        .orElseThrow(() -> noSuchDevice(v));
        try {
            VfioPci made =
                    HostRefusal.orRefuse(
                            VfioPci.bind(opened, iommufd(v.iommufd()), setup.log),
                            at,
                            "VFIO-BIND",
                            "binding " + v.host());
            bound.put(v, made);
            return made;
        } catch (HostRefusal e) {
            closeUnused();
            throw e;
        }
    }

    private OpenIommufd iommufd(String id) {
        return iommufds.computeIfAbsent(
                id,
                n -> {
                    Iommufd fd = setup.host.openIommu(setup.process, setup.options.filter());
                    everOpened.add(fd);
                    return new OpenIommufd(fd, new Discards(fd, setup.log));
                });
    }

    private CommandLineError noSuchDevice(PciFunction.Vfio v) {
        List<String> there =
                setup.host.machine().description().devices().stream()
                        .map(d -> d.bdf())
                        .map(Bdf::toString)
                        .toList();
        return new CommandLineError(
                "VFIO-NO-DEVICE",
                v.plugged().at(),
                "the host has no device " + v.host(),
                there.isEmpty()
                        ? "the host has no devices at all"
                        : "it has " + String.join(", ", there));
    }

    /// A device that is bound.
    Optional<VfioPci> bound(PciFunction.Vfio v) {
        return Optional.ofNullable(bound.get(v));
    }

    /// `IOMMU_GET_HW_INFO` for a bound device.
    Optional<HwInfo> hardwareInfo(PciFunction.Vfio v) {
        VfioPci device = bound.get(v);
        if (device == null) {
            return Optional.empty();
        }
        Result<DeviceInfo> info = device.iommufd().getHwInfo(0, device.devId(), 0);
        return setup.log.passed("asking about the SMMU of " + v.host(), info)
                ? Optional.of(info.orThrow().hardware())
                : Optional.empty();
    }

    /// Attaches all of the command line to guest memory and to their vIOMMUs, and connects their
    /// interrupts.
    void attach(IommuWiring wiring, Irqchip irqchip) {
        for (PciFunction.Vfio v : setup.described.pci().vfio()) {
            attach(wiring, irqchip, v);
        }
    }

    /// Does so for one that is bound and on its bus; when the host refuses, it is closed again.
    ///
    /// @throws CommandLineError what QEMU or the host refuses
    Device attach(IommuWiring wiring, Irqchip irqchip, PciFunction.Vfio v) {
        VfioPci vfio = Optional.ofNullable(bound.get(v)).orElseThrow();
        GuestFunction function =
                wiring.pci().functions().stream()
                        .filter(f -> f.hardware().equals(vfio.function()))
                        .findFirst()
                        .orElseThrow();
        try {
            attaching.run(wiring, function, vfio);
        } catch (CommandLineError e) {
            close(v, vfio);
            throw e;
        }
        Device device =
                new Device(function, vfio, attaching.interrupts(wiring, irqchip, function, vfio));
        devices.add(device);
        return device;
    }

    /// A device has left the guest: its interrupts, its vIOMMU, guest memory, in this order.
    void remove(IommuWiring wiring, Device device) {
        devices.remove(device);
        device.interrupts().forEach(PassedInterrupts::close);
        wiring.unit(device.function())
                .flatMap(SmmuUnit::accelerated)
                .ifPresent(a -> a.unsetIommuDevice(device.function()));
        if (device.function().described() instanceof PciFunction.Vfio v) {
            close(v, device.vfio());
        }
    }

    private void close(PciFunction.Vfio v, VfioPci vfio) {
        bound.remove(v);
        vfio.leave();
        attaching.closeEmptyContainers();
        closeUnused();
    }

    /// An iommufd is open as long as it has a device.
    private void closeUnused() {
        iommufds.values()
                .removeIf(open -> {
                    boolean used =
                            bound.values().stream()
                                    .anyMatch(d -> d.iommufd().equals(open.iommufd()));
                    if (!used) {
                        open.discards().sweep();
                        open.iommufd().close();
                    }
                    return !used;
                });
    }

    /// The devices, attached.
    public List<Device> devices() {
        return List.copyOf(devices);
    }

    /// The device that a function of the guest stands for.
    public Optional<Device> of(GuestFunction function) {
        return devices.stream().filter(d -> d.function().equals(function)).findFirst();
    }

    /// Every iommufd that was ever opened, closed ones included.
    public List<Iommufd> iommufds() {
        return List.copyOf(everOpened);
    }
}
