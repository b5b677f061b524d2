package dev.belfry.vmm.machine;

import java.util.Comparator;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The guest's PCI tree, segment 0.
public final class PciTopology {

    private final List<PciBus> roots;
    private final List<PciFunction> inOrder;
    private final List<PciFunction.Vfio> vfio;
    private final Map<String, PciFunction> byId = new HashMap<>();
    private final IdentityHashMap<PciFunction, PciBus> rootOf = new IdentityHashMap<>();

    /// @param roots `pcie.0` first, then each pxb-pcie's bus in the order of creation
    public PciTopology(List<PciBus> roots) {
        this.roots = List.copyOf(roots);
        for (PciBus root : roots) {
            root.everything()
                    .forEach(f -> {
                        byId.putIfAbsent(f.plugged().id(), f);
                        rootOf.put(f, root);
                    });
        }
        inOrder =
                roots.stream()
                        .flatMap(PciBus::everything)
                        .sorted(Comparator.comparingInt(f -> f.plugged().order()))
                        .toList();
        vfio =
                inOrder.stream()
                        .filter(PciFunction.Vfio.class::isInstance)
                        .map(PciFunction.Vfio.class::cast)
                        .toList();
    }

    /// `pcie.0` first, then each pxb-pcie's bus in the order of creation.
    public List<PciBus> roots() {
        return roots;
    }

    /// Every function, in the order in which QEMU makes them.
    public List<PciFunction> inOrder() {
        return inOrder;
    }

    /// The VFIO devices, in the order in which QEMU makes them.
    public List<PciFunction.Vfio> vfio() {
        return vfio;
    }

    /// The function with that id.
    public Optional<PciFunction> find(String id) {
        return Optional.ofNullable(byId.get(id));
    }

    /// The root bus of that name.
    public Optional<PciBus> root(String name) {
        return roots.stream().filter(r -> r.name().equals(name)).findFirst();
    }

    /// The root bus above a function: one of this tree, or one that was plugged into it later.
    public PciBus rootOf(PciFunction function) {
        PciBus root = rootOf.get(function);
        return root != null
                ? root
                : rootAbove(function.plugged().bus())
                        .orElseThrow(() ->
                                new IllegalArgumentException("not in this tree: " + function));
    }

    @Override
    public boolean equals(Object o) {
        return o instanceof PciTopology other && roots.equals(other.roots);
    }

    @Override
    public int hashCode() {
        return roots.hashCode();
    }

    @Override
    public String toString() {
        return roots.toString();
    }

    /// The root bus above a bus, or itself.
    public Optional<PciBus> rootAbove(String bus) {
        return roots.stream().filter(r -> r.name().equals(bus) || hasBelow(r, bus)).findFirst();
    }

    private static boolean hasBelow(PciBus root, String bus) {
        return root.everything()
                .anyMatch(
                        f -> f instanceof PciFunction.Bridge b && b.secondary().name().equals(bus));
    }
}
