package dev.belfry.vmm.virt;

import dev.belfry.host.iommu.DeviceInfo;
import dev.belfry.host.iommufd.Iommufd;
import dev.belfry.host.uapi.Done;
import dev.belfry.host.uapi.Errno;
import dev.belfry.host.uapi.Result;
import dev.belfry.model.address.Gpa;
import dev.belfry.model.address.Iova;
import dev.belfry.model.pci.Msi;
import dev.belfry.model.pci.spec.MsiCapability;
import dev.belfry.vmm.cmdline.CommandLineError;
import dev.belfry.vmm.cmdline.Position;
import dev.belfry.vmm.iommu.AcceleratedSmmu;
import dev.belfry.vmm.iommu.AddressSpace;
import dev.belfry.vmm.msi.KvmRoutes;
import dev.belfry.vmm.msi.MsiHandover;
import dev.belfry.vmm.refusal.HostRefusal;
import dev.belfry.vmm.rule.host.HostCompatibility;
import dev.belfry.vmm.version.QemuVersion;
import dev.belfry.vmm.vfio.MsiInterrupts;
import dev.belfry.vmm.vfio.OpenIommufd;
import dev.belfry.vmm.vfio.PassedInterrupts;
import dev.belfry.vmm.vfio.VfioContainer;
import dev.belfry.vmm.vfio.VfioInterrupts;
import dev.belfry.vmm.vfio.VfioPci;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Attaches a bound device to guest memory, to its vIOMMU, and to KVM, in the order of
/// vfio_pci_realize.
final class Attaching {

    /// Containers are one for each address space and iommufd.
    private record ContainerKey(AddressSpace space, Iommufd iommufd) {}

    private final PassedThrough.Setup setup;
    private final Map<ContainerKey, VfioContainer> containers = new LinkedHashMap<>();

    Attaching(PassedThrough.Setup setup) {
        this.setup = setup;
    }

    /// Memory, then vIOMMU.
    ///
    /// @throws CommandLineError what QEMU or the host refuses; containers that it made may be empty
    void run(IommuWiring wiring, GuestFunction function, VfioPci vfio) {
        Position at = function.described().plugged().at();
        Optional<SmmuUnit> unit = wiring.unitAtBirth(function);
        unit.flatMap(u -> u.ops().refusal(function))
                .ifPresent(why -> {
                    throw new CommandLineError("SMMU-DEVICE", at, why, "");
                });
        boolean nests = unit.map(u -> u.ops().wantsNestingParent()).orElse(false);
        setup.options()
                .msi()
                .window()
                .ifPresent(w ->
                        HostRefusal.orRefuse(
                                vfio.chooseWindow(w),
                                at,
                                "VFIO-MSI-WINDOW",
                                "choosing the MSI window of " + vfio.hostName()));
        AddressSpace space =
                unit.map(u -> u.ops().addressSpace(function))
                        .orElse(new AddressSpace.SystemMemory());
        VfioContainer container = container(space, vfio, at);
        HostRefusal.orRefuse(
                vfio.attachTo(container, nests), at, "VFIO-ATTACH", "attaching " + vfio.hostName());
        if (nests) {
            mapDoorbell(vfio, at);
        }
        Optional<AcceleratedSmmu> accelerated = unit.flatMap(SmmuUnit::accelerated);
        if (accelerated.isPresent()) {
            compare(unit.orElseThrow(), vfio, at);
            HostRefusal.orRefuse(
                    accelerated.get().setIommuDevice(function, vfio),
                    at,
                    "SMMU-ATTACH",
                    "the host refuses to nest for " + vfio.hostName());
        }
    }

    /// Each device's SMMU must have all that the guest was told, which stays as the first device
    /// settled it.
    private static void compare(SmmuUnit unit, VfioPci vfio, Position at) {
        Result<DeviceInfo> info = vfio.iommufd().getHwInfo(0, vfio.devId(), 0);
        DeviceInfo has = HostRefusal.orRefuse(info, at, "SMMU-ATTACH", "asking about the SMMU");
        HostCompatibility.first(
                        unit.engine().identity(), has.hardware().identity(), QemuVersion.NEWEST)
                .ifPresent(s -> {
                    throw new CommandLineError(
                            s.rule(),
                            at,
                            s.message(),
                            "put it behind an SMMU of its own: the guest was told already what this"
                                    + " one has");
                });
    }

    private VfioContainer container(AddressSpace space, VfioPci vfio, Position at) {
        return containers.computeIfAbsent(
                new ContainerKey(space, vfio.iommufd()),
                k ->
                        HostRefusal.orRefuse(
                                open(vfio.openIommufd()), at, "VFIO-MAP", "mapping guest RAM"));
    }

    private Result<VfioContainer> open(OpenIommufd iommufd) {
        Result<VfioContainer> made = VfioContainer.open(iommufd, setup.ram());
        if (!(made instanceof Result.Ok<VfioContainer>(VfioContainer c))
                || setup.options().lowRam().isEmpty()) {
            return made;
        }
        Result<Done> low = c.mapLow(setup.ram(), setup.options().lowRam().getAsLong());
        if (!low.isOk()) {
            c.close();
        }
        return low.map(d -> c);
    }

    /// Containers go with their last device.
    void closeEmptyContainers() {
        containers
                .values()
                .removeIf(c -> {
                    if (c.isEmpty()) {
                        c.close();
                    }
                    return c.isEmpty();
                });
    }

    /// The vITS's page, or the frame's, in stage 2: with what a device of the guest's would write
    /// to.
    private void mapDoorbell(VfioPci vfio, Position at) {
        Gpa doorbell = setup.described().gic().msi().doorbell();
        MsiHandover.MapDoorbell wish = setup.options().msi().doorbell();
        if (wish == MsiHandover.MapDoorbell.NO || doorbell.value() == 0) {
            return;
        }
        long page = setup.host().pageSize();
        Result<Done> mapped = vfio.mapDoorbell(new Iova(doorbell.value() & -page));
        boolean unknown =
                mapped instanceof Result.Err<Done>(Errno errno, String _) && errno == Errno.ENOTTY;
        if (!unknown || wish == MsiHandover.MapDoorbell.REQUIRED) {
            HostRefusal.orRefuse(
                    mapped, at, "VFIO-MAP-MSI", "mapping the doorbell for " + vfio.hostName());
        }
    }

    /// What becomes of its vectors.
    List<PassedInterrupts> interrupts(
            IommuWiring wiring, Irqchip irqchip, GuestFunction function, VfioPci vfio) {
        List<PassedInterrupts> out = new ArrayList<>();
        irqchip.routes()
                .ifPresent(routes -> {
                    VfioInterrupts.Wiring to =
                            new VfioInterrupts.Wiring(
                                    routes, setup.options().msi().addresses(), setup.log());
                    KvmRoutes.Requester requester = wiring.requester(function);
                    vfio.function()
                            .msix()
                            .map(table ->
                                    new VfioInterrupts(
                                            vfio,
                                            table,
                                            requester,
                                            to,
                                            n ->
                                                    wiring.sendMessage(
                                                            function,
                                                            table.entry(n).address(),
                                                            table.entry(n).data())))
                            .ifPresent(out::add);
                    vfio.function()
                            .msi()
                            .map(msi ->
                                    new MsiInterrupts(
                                            vfio,
                                            msi,
                                            requester,
                                            to,
                                            n -> send(wiring, function, msi, n)))
                            .ifPresent(out::add);
                });
        return out;
    }

    /// A masked vector becomes pending.
    private static void send(IommuWiring wiring, GuestFunction function, Msi msi, int vector) {
        MsiCapability now = msi.capability();
        if (now.masked(vector)) {
            msi.fire(vector);
        } else {
            wiring.sendMessage(function, now.address(), now.dataOf(vector));
        }
    }
}
