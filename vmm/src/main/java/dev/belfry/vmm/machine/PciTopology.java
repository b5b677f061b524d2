package dev.belfry.vmm.machine;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// The guest's PCI tree, segment 0.
///
/// @param roots `pcie.0` first, then each pxb-pcie's bus in the order of creation
public record PciTopology(List<PciBus> roots) {

    public PciTopology {
        roots = List.copyOf(roots);
    }

    /// Every function, in the order in which QEMU makes them.
    public List<PciFunction> inOrder() {
        return everything().sorted(Comparator.comparingInt(f -> f.plugged().order())).toList();
    }

    /// The VFIO devices, in the order in which QEMU makes them.
    public List<PciFunction.Vfio> vfio() {
        return inOrder().stream()
                .filter(PciFunction.Vfio.class::isInstance)
                .map(PciFunction.Vfio.class::cast)
                .toList();
    }

    /// The function with that id.
    public Optional<PciFunction> find(String id) {
        return everything().filter(f -> f.plugged().id().equals(id)).findFirst();
    }

    /// The root bus of that name.
    public Optional<PciBus> root(String name) {
        return roots.stream().filter(r -> r.name().equals(name)).findFirst();
    }

    /// The root bus above a function of this tree.
    public PciBus rootOf(PciFunction function) {
        return roots.stream()
                .filter(r -> r.everything().anyMatch(f -> f.equals(function)))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("not in this tree: " + function));
    }

    private Stream<PciFunction> everything() {
        return roots.stream().flatMap(PciBus::everything);
    }
}
