package dev.belfry.guest;

import dev.belfry.kernel.pci.PciFunction;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Which functions share a group (`pci_device_group`): those below a bridge that does not isolate
/// them share the bridge's, and functions of one device share one unless they isolate themselves.
///
/// Access Control Services are turned on in time only when ACPI says early that there is an IOMMU;
/// with a device tree Linux finds out after it has enumerated.
final class IommuGroups {

    private final boolean acsInTime;
    private final Map<PciFunction, IommuGroup> groups = new HashMap<>();
    private final Set<PciFunction> isolating = new HashSet<>();
    private final List<IommuGroup> all = new ArrayList<>();
    private int nextId;

    IommuGroups(boolean acsInTime) {
        this.acsInTime = acsInTime;
    }

    void seen(PciFunction function, boolean acs) {
        if (acs && acsInTime) {
            isolating.add(function);
        }
    }

    Optional<IommuGroup> of(PciFunction function) {
        return Optional.ofNullable(groups.get(function));
    }

    List<IommuGroup> all() {
        return List.copyOf(all);
    }

    /// Takes a function out of its group; a group without members is none any more.
    ///
    /// @return the group that it was in
    Optional<IommuGroup> leave(PciFunction function) {
        isolating.remove(function);
        Optional<IommuGroup> group = Optional.ofNullable(groups.remove(function));
        group.ifPresent(g -> {
            g.members().remove(function);
            if (g.members().isEmpty()) {
                all.remove(g);
            }
        });
        return group;
    }

    void clear() {
        groups.clear();
        isolating.clear();
        all.clear();
        nextId = 0;
    }

    /// A group that the function belongs to already, before it is in one.
    Optional<IommuGroup> find(PciFunction function, int smmu) {
        PciFunction at = function;
        while (at.parent().isPresent() && !isolating.contains(at.parent().get())) {
            at = at.parent().get();
            Optional<IommuGroup> above = of(at).filter(g -> g.smmu() == smmu);
            if (above.isPresent()) {
                return above;
            }
        }
        return siblingGroup(at).filter(g -> g.smmu() == smmu);
    }

    /// The group of another function of the same device.
    private Optional<IommuGroup> siblingGroup(PciFunction function) {
        if (isolating.contains(function)) {
            return Optional.empty();
        }
        int device = function.routingId() >>> 3;
        return groups.entrySet().stream()
                .filter(e -> e.getKey().routingId() >>> 3 == device)
                .filter(e -> e.getKey().bdf().segment() == function.bdf().segment())
                .filter(e -> !isolating.contains(e.getKey()))
                .map(Map.Entry::getValue)
                .findFirst();
    }

    IommuGroup join(PciFunction function, int smmu) {
        IommuGroup group =
                find(function, smmu)
                        .orElseGet(() -> {
                            IommuGroup created = new IommuGroup(nextId++, smmu);
                            all.add(created);
                            return created;
                        });
        group.members().add(function);
        groups.put(function, group);
        return group;
    }
}
