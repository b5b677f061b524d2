package dev.belfry.guest.firmware;

import java.util.List;
import java.util.Optional;

/// A range of ids and what becomes of them: an IORT ID mapping, or an entry of `iommu-map` or
/// `msi-map`.
///
/// @param inputBase first id in
/// @param count how many ids, at least 1 (IORT's field plus one)
/// @param outputBase what `inputBase` becomes
/// @param target index of the SMMU or MSI controller that the result belongs to
public record IdMap(long inputBase, long count, long outputBase, int target) {

    /// An id on the output side.
    ///
    /// @param id StreamID or DeviceID
    /// @param target as [IdMap#target]
    public record Mapped(long id, int target) {}

    private boolean covers(long id) {
        return id >= inputBase && id - inputBase < count;
    }

    private Mapped apply(long id) {
        return new Mapped(id - inputBase + outputBase, target);
    }

    /// Maps `id` through the first range that covers it, as Linux reads IORT: a hit on the very
    /// last id of a range of several gives way to a later range that begins there, because older
    /// firmware wrote the number of ids where DEN0049 wants one less.
    public static Optional<Mapped> find(List<IdMap> maps, long id) {
        Optional<Mapped> provisional = Optional.empty();
        for (IdMap map : maps) {
            boolean supersedes = provisional.isEmpty() || map.inputBase == id;
            if (!map.covers(id) || !supersedes) {
                continue;
            }
            boolean last = map.count > 1 && id == map.inputBase + map.count - 1;
            if (!last) {
                return Optional.of(map.apply(id));
            }
            provisional = Optional.of(map.apply(id));
        }
        return provisional;
    }
}
