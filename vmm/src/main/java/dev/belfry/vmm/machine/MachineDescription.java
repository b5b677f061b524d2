package dev.belfry.vmm.machine;

import dev.belfry.vmm.cmdline.Option;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The machine that a command line describes.
///
/// @param type version of the virt board
/// @param accelerator KVM or TCG
/// @param gic interrupt controller
/// @param iommu the machine's own IOMMU
/// @param virtualization whether the guest has EL2
/// @param highmem what may lie above 4 GiB
/// @param firmware what the guest starts from
/// @param boot the guest's kernel
/// @param cpus CPUs
/// @param memory RAM
/// @param numa NUMA nodes by id
/// @param iommufds the `-object iommufd`
/// @param smmus the machine's own SMMU and every `-device arm-smmuv3`, in the order of creation
/// @param ram pages of RAM
/// @param platformRoom what the platform bus has left
/// @param pci the PCI tree
/// @param map addresses and interrupt numbers
/// @param onBoard what else firmware tells the guest
/// @param ignored options without bearing here
public record MachineDescription(
        MachineType type,
        Accelerator accelerator,
        Gic gic,
        MachineIommu iommu,
        boolean virtualization,
        Highmem highmem,
        Firmware firmware,
        Boot boot,
        Cpus cpus,
        Memory memory,
        List<NumaNode> numa,
        List<Iommufd> iommufds,
        List<SmmuInstance> smmus,
        RamBacking ram,
        PlatformRoom platformRoom,
        PciTopology pci,
        VirtMap map,
        OnBoard onBoard,
        List<Option> ignored) {

    public MachineDescription {
        numa = List.copyOf(numa);
        iommufds = List.copyOf(iommufds);
        smmus = List.copyOf(smmus);
        ignored = List.copyOf(ignored);
    }

    /// The SMMU that serves a function: the last one made for its root bus; otherwise the machine's
    /// own, unless the root bus bypasses it.
    public Optional<SmmuInstance> smmuOf(PciFunction function) {
        return smmuOf(pci.rootOf(function));
    }

    /// The SMMU that serves a root bus.
    public Optional<SmmuInstance> smmuOf(PciBus root) {
        return smmus.stream()
                .filter(s -> s.legacy() || s.primaryBus().equals(root.name()))
                .filter(s -> !root.bypassIommu())
                .reduce((first, second) -> second);
    }

    /// Which VFIO devices share which guest SMMU.
    public List<VfioGroup> vfioGroups() {
        Map<Optional<SmmuInstance>, List<PciFunction.Vfio>> groups = new LinkedHashMap<>();
        for (PciFunction.Vfio device : pci.vfio()) {
            groups.computeIfAbsent(smmuOf(device), s -> new ArrayList<>()).add(device);
        }
        return groups.entrySet().stream()
                .map(e -> new VfioGroup(e.getKey(), e.getValue()))
                .toList();
    }

    /// Whether QEMU keeps the bus numbers and BARs that firmware assigned (`_DSM` function 5); any
    /// accelerated SMMU asks for it.
    public boolean preservesPciConfig() {
        return smmus.stream().anyMatch(SmmuInstance::accel);
    }
}
