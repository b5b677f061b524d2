package dev.belfry.vmm.virt;

import dev.belfry.host.HostKernel;
import dev.belfry.host.iommu.HwInfo;
import dev.belfry.host.iommufd.Iommufd;
import dev.belfry.host.memory.UserMemory;
import dev.belfry.host.uapi.Done;
import dev.belfry.host.uapi.Errno;
import dev.belfry.host.uapi.Result;
import dev.belfry.host.vfio.VfioDevice;
import dev.belfry.model.address.Gpa;
import dev.belfry.model.address.Iova;
import dev.belfry.model.pci.spec.Bdf;
import dev.belfry.vmm.cmdline.CommandLineError;
import dev.belfry.vmm.cmdline.Position;
import dev.belfry.vmm.iommu.AcceleratedSmmu;
import dev.belfry.vmm.iommu.AddressSpace;
import dev.belfry.vmm.machine.MachineDescription;
import dev.belfry.vmm.machine.PciFunction;
import dev.belfry.vmm.msi.MsiHandover;
import dev.belfry.vmm.vfio.VfioContainer;
import dev.belfry.vmm.vfio.VfioInterrupts;
import dev.belfry.vmm.vfio.VfioPci;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The passed-through devices of a machine, in the order of the command line.
public final class PassedThrough {

    /// One of them.
    ///
    /// @param function as the guest sees it
    /// @param vfio the VMM's and the host's side
    /// @param interrupts its vectors' routes; empty without MSI-X or without KVM
    public record Device(
            GuestFunction function, VfioPci vfio, Optional<VfioInterrupts> interrupts) {}

    /// Containers are one for each address space and iommufd.
    private record ContainerKey(AddressSpace space, Iommufd iommufd) {}

    private final MachineDescription described;
    private final HostKernel host;
    private final UserMemory process;
    private final VirtOptions options;
    private final VfioContainer.Ram ram;
    private final Map<String, Iommufd> iommufds = new HashMap<>();
    private final Map<ContainerKey, VfioContainer> containers = new HashMap<>();
    private final Map<PciFunction.Vfio, VfioPci> bound = new LinkedHashMap<>();
    private final List<Device> devices = new ArrayList<>();

    PassedThrough(
            MachineDescription described,
            HostKernel host,
            UserMemory process,
            VirtOptions options,
            VfioContainer.Ram ram) {
        this.described = described;
        this.host = host;
        this.process = process;
        this.options = options;
        this.ram = ram;
    }

    /// Opens and binds a device of the host.
    VfioPci bind(PciFunction.Vfio v) {
        Iommufd iommufd =
                iommufds.computeIfAbsent(
                        v.iommufd(), id -> host.openIommu(process, options.filter()));
        VfioDevice opened =
                host.openVfio(v.host(), options.filter()).orElseThrow(() -> noSuchDevice(v));
        VfioPci made =
                Refusals.orRefuse(
                        VfioPci.bind(opened, iommufd), at(v), "VFIO-BIND", "binding " + v.host());
        bound.put(v, made);
        return made;
    }

    private CommandLineError noSuchDevice(PciFunction.Vfio v) {
        List<String> there =
                host.machine().description().devices().stream()
                        .map(d -> d.bdf())
                        .map(Bdf::toString)
                        .toList();
        return new CommandLineError(
                "VFIO-NO-DEVICE",
                at(v),
                "the host has no device " + v.host(),
                there.isEmpty()
                        ? "the host has no devices at all"
                        : "it has " + String.join(", ", there));
    }

    private static Position at(PciFunction.Vfio v) {
        return v.plugged().at();
    }

    /// `IOMMU_GET_HW_INFO` for a bound device.
    Optional<HwInfo> hardwareInfo(PciFunction.Vfio v) {
        return Optional.ofNullable(bound.get(v))
                .flatMap(d ->
                        d.iommufd().getHwInfo(0, d.devId(), 0)
                                        instanceof
                                        Result.Ok<?>(dev.belfry.host.iommu.DeviceInfo info)
                                ? Optional.of(info.hardware())
                                : Optional.empty());
    }

    /// Attaches all of them to guest memory and to their vIOMMUs, and connects their interrupts.
    void attach(IommuWiring wiring, Irqchip irqchip) {
        for (PciFunction.Vfio v : described.pci().vfio()) {
            VfioPci vfio = bound.get(v);
            GuestFunction function =
                    wiring.pci().functions().stream()
                            .filter(f -> f.described().equals(v))
                            .findFirst()
                            .orElseThrow();
            if (vfio != null) {
                attach(wiring, function, vfio);
                devices.add(
                        new Device(function, vfio, interrupts(wiring, irqchip, function, vfio)));
            }
        }
    }

    private void attach(IommuWiring wiring, GuestFunction function, VfioPci vfio) {
        Position at = function.described().plugged().at();
        Optional<SmmuUnit> unit = wiring.unit(function);
        unit.flatMap(u -> u.ops().refusal(function))
                .ifPresent(why -> {
                    throw new CommandLineError("SMMU-DEVICE", at, why, "");
                });
        AddressSpace space = wiring.addressSpace(function);
        boolean nests = unit.map(u -> u.ops().wantsNestingParent()).orElse(false);
        VfioContainer container =
                containers.computeIfAbsent(
                        new ContainerKey(space, vfio.iommufd()),
                        k ->
                                Refusals.orRefuse(
                                        openContainer(vfio.iommufd()),
                                        at,
                                        "VFIO-MAP",
                                        "mapping guest RAM"));
        options.msi()
                .window()
                .ifPresent(w ->
                        Refusals.orRefuse(
                                vfio.chooseWindow(w),
                                at,
                                "VFIO-MSI-WINDOW",
                                "choosing the MSI window of " + vfio.hostName()));
        Refusals.orRefuse(
                vfio.attachTo(container, nests), at, "VFIO-ATTACH", "attaching " + vfio.hostName());
        if (nests) {
            mapDoorbell(vfio, at);
        }
        Optional<AcceleratedSmmu> accelerated = unit.flatMap(SmmuUnit::accelerated);
        accelerated
                .flatMap(a -> a.setIommuDevice(function, vfio))
                .ifPresent(why -> {
                    throw new CommandLineError(
                            "SMMU-ATTACH",
                            at,
                            "the host refuses to nest for " + vfio.hostName() + ": " + why,
                            "");
                });
    }

    /// The vITS's page, or the frame's, in stage 2: with what a device of the guest's would write
    /// to.
    private void mapDoorbell(VfioPci vfio, Position at) {
        Gpa doorbell = described.gic().msi().doorbell();
        MsiHandover.MapDoorbell wish = options.msi().doorbell();
        if (wish == MsiHandover.MapDoorbell.NO || doorbell.value() == 0) {
            return;
        }
        long page = host.pageSize();
        Result<Done> mapped = vfio.mapDoorbell(new Iova(doorbell.value() & -page));
        boolean unknown =
                mapped instanceof Result.Err<Done>(Errno errno, String _) && errno == Errno.ENOTTY;
        if (!unknown || wish == MsiHandover.MapDoorbell.REQUIRED) {
            Refusals.orRefuse(
                    mapped, at, "VFIO-MAP-MSI", "mapping the doorbell for " + vfio.hostName());
        }
    }

    private Optional<VfioInterrupts> interrupts(
            IommuWiring wiring, Irqchip irqchip, GuestFunction function, VfioPci vfio) {
        return vfio.function()
                .msix()
                .flatMap(table ->
                        irqchip.routes()
                                .map(routes ->
                                        new VfioInterrupts(
                                                vfio,
                                                table,
                                                wiring.requester(function),
                                                new VfioInterrupts.Wiring(
                                                        routes, options.msi().addresses()),
                                                n ->
                                                        wiring.sendMessage(
                                                                function,
                                                                table.entry(n).address(),
                                                                table.entry(n).data()))));
    }

    private Result<VfioContainer> openContainer(Iommufd iommufd) {
        Result<VfioContainer> made = VfioContainer.open(iommufd, ram);
        return options.lowRam().isEmpty()
                ? made
                : made.then(c -> c.mapLow(ram, options.lowRam().getAsLong()).map(d -> c));
    }

    /// The devices, attached.
    public List<Device> devices() {
        return List.copyOf(devices);
    }

    /// The device that a function of the guest stands for.
    public Optional<Device> of(GuestFunction function) {
        return devices.stream().filter(d -> d.function().equals(function)).findFirst();
    }

    List<String> problems() {
        List<String> out = new ArrayList<>();
        devices.forEach(d -> d.interrupts().ifPresent(i -> out.addAll(i.problems())));
        return out;
    }
}
