package dev.belfry.kernel.firmware;

import dev.belfry.model.bits.Hex;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/// A property such as `iommu-map`: entries of four cells, and a mask (bindings `pci-iommu` and
/// `pci-msi`; Linux: `of_map_id`).
///
/// @param name the property's
/// @param mask which bits of an id count
/// @param entries in the property's order
public record DtIdMap(String name, long mask, List<Entry> entries) {

    private static final int ENTRY = 4;
    private static final int REQUESTER_ID_BITS = 16;

    public DtIdMap {
        entries = List.copyOf(entries);
    }

    /// Ids from `inputBase` on.
    ///
    /// @param inputBase first id in
    /// @param phandle who takes them
    /// @param outputBase what `inputBase` becomes
    /// @param length how many
    public record Entry(long inputBase, int phandle, long outputBase, long length) {

        boolean covers(long id) {
            return id >= inputBase && id - inputBase < length;
        }

        /// The output id, 32 bits.
        public long apply(long id) {
            return (id - inputBase + outputBase) & 0xffff_ffffL;
        }

        private String range() {
            return Hex.of(inputBase) + ".." + Hex.of(inputBase + length - 1);
        }
    }

    /// The map of a node; without entries when the node does not have the property. As in Linux, a
    /// property of another length than whole entries is no map, and an entry whose base has bits
    /// that the mask drops ends the map.
    public static DtIdMap of(DtNode node, String name) {
        List<Integer> cells = node.cells(name);
        long mask = node.cell(name + "-mask").map(Integer::toUnsignedLong).orElse(0xffff_ffffL);
        List<Entry> entries = new ArrayList<>();
        if (cells.size() % ENTRY != 0) {
            return new DtIdMap(name, mask, entries);
        }
        for (int at = 0; at < cells.size(); at += ENTRY) {
            long inputBase = Integer.toUnsignedLong(cells.get(at));
            if ((inputBase & ~mask) != 0) {
                break;
            }
            entries.add(
                    new Entry(
                            inputBase,
                            cells.get(at + 1),
                            Integer.toUnsignedLong(cells.get(at + 2)),
                            Integer.toUnsignedLong(cells.get(at + 3))));
        }
        return new DtIdMap(name, mask, entries);
    }

    /// The entry that takes an id.
    public Optional<Entry> entry(long id) {
        for (Entry entry : entries) {
            if (entry.covers(id & mask)) {
                return Optional.of(entry);
            }
        }
        return Optional.empty();
    }

    /// First ids of pieces of a segment in each of which nothing changes: see [IdRanges#of].
    ///
    /// The mask leaves aligned blocks as they are, as long as its lowest bits are set; within a
    /// block an entry's borders cut, and the place where a 32-bit output begins again.
    public NavigableSet<Integer> cuts() {
        int block = 1 << Math.min(REQUESTER_ID_BITS, Long.numberOfTrailingZeros(~mask));
        Set<Integer> borders = new TreeSet<>();
        borders.add(0);
        for (Entry e : entries) {
            borders.add((int) (e.inputBase & (block - 1)));
            borders.add((int) (e.inputBase + e.length & (block - 1)));
            borders.add((int) (e.inputBase - e.outputBase & (block - 1)));
        }
        NavigableSet<Integer> cuts = new TreeSet<>();
        for (int first = 0; first < 1 << REQUESTER_ID_BITS; first += block) {
            for (int border : borders) {
                cuts.add(first + border);
            }
        }
        return cuts;
    }

    /// What an id becomes.
    public IdLookup lookup(long id) {
        long masked = id & mask;
        List<String> rules = new ArrayList<>();
        if (masked != id) {
            rules.add(name + "-mask leaves " + Hex.of(masked) + " of " + Hex.of(id));
        }
        Optional<Entry> hit = entry(id);
        if (hit.isEmpty()) {
            rules.add(name + ": no entry has " + Hex.of(masked));
            return new IdLookup(false, 0, 0, rules);
        }
        long output = hit.get().apply(masked);
        rules.add(name + ": " + Hex.of(masked) + " lies in " + hit.get().range());
        rules.add("phandle " + Hex.of(hit.get().phandle()) + " takes " + Hex.of(output));
        return new IdLookup(true, output, hit.get().phandle(), rules);
    }
}
