package dev.belfry.vmm.virt;

import dev.belfry.model.fabric.DmaFabric;
import dev.belfry.model.memory.PhysicalMemory;
import dev.belfry.model.pci.RootBus;
import dev.belfry.model.smmu.Smmu;
import dev.belfry.vmm.iommu.AddressSpace;
import dev.belfry.vmm.iommu.PciIommuOps;
import dev.belfry.vmm.machine.MachineDescription;
import dev.belfry.vmm.msi.KvmRoutes;
import dev.belfry.vmm.msi.MsiRouteFixup;
import java.util.List;
import java.util.Optional;
import java.util.function.IntUnaryOperator;

/// Which vIOMMU a function is behind, and where its DMA and its messages go from there.
///
/// @param machine as described
/// @param pci the guest's tree
/// @param smmus the guest's SMMUs
/// @param bus guest-physical address space
/// @param irqchip with the doorbells
/// @param options what else is chosen
record IommuWiring(
        MachineDescription machine,
        GuestPci pci,
        List<SmmuUnit> smmus,
        PhysicalMemory bus,
        Irqchip irqchip,
        VirtOptions options) {

    /// Gives each root bus its way to memory. StreamID and DeviceID are the requester id on virt.
    void connectRoots() {
        for (RootBus root : pci.segment().rootBuses()) {
            root.setDma(
                    new DmaFabric(
                            smmuOfRoot(root),
                            IntUnaryOperator.identity(),
                            IntUnaryOperator.identity(),
                            bus,
                            irqchip.doorbells(),
                            options.probe()));
        }
    }

    private Optional<Smmu> smmuOfRoot(RootBus root) {
        return machine.pci()
                .root(root.name())
                .flatMap(machine::smmuOf)
                .flatMap(s -> smmus.stream().filter(u -> u.described().equals(s)).findFirst())
                .map(SmmuUnit::engine);
    }

    /// The SMMU in front of a function.
    Optional<SmmuUnit> unit(GuestFunction function) {
        return machine.smmuOf(function.described())
                .flatMap(s -> smmus.stream().filter(u -> u.described().equals(s)).findFirst());
    }

    /// The SMMU that was in front of a function when it was made: what it is bound to. Nobody tells
    /// it of one that appears later.
    Optional<SmmuUnit> unitAtBirth(GuestFunction function) {
        return unit(function)
                .filter(u -> u.described().order() < function.described().plugged().order());
    }

    /// `pci_device_iommu_address_space`.
    AddressSpace addressSpace(GuestFunction function) {
        return unit(function)
                .map(u -> u.ops().addressSpace(function))
                .orElse(new AddressSpace.SystemMemory());
    }

    /// Whose routes a function's vectors have.
    KvmRoutes.Requester requester(GuestFunction function) {
        Optional<PciIommuOps> ops = unit(function).map(SmmuUnit::ops);
        return new KvmRoutes.Requester() {
            @Override
            public int deviceId() {
                return function.requesterId();
            }

            @Override
            public MsiRouteFixup.Outcome fixup(long address) {
                return MsiRouteFixup.decide(function, ops, addressSpace(function), address);
            }
        };
    }

    /// What the VMM does with a vector that has no route: it writes the guest's message itself,
    /// through the device's address space.
    void sendMessage(GuestFunction function, long address, int data) {
        addressSpace(function)
                .translate(address)
                .ifPresent(gpa ->
                        bus.write(gpa, 4, Integer.toUnsignedLong(data), function.requesterId()));
    }
}
