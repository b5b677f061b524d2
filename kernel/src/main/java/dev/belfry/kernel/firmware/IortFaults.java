package dev.belfry.kernel.firmware;

import dev.belfry.kernel.firmware.Iort.Purpose;
import dev.belfry.kernel.firmware.IortNode.Mapping;
import dev.belfry.model.bits.Hex;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What is wrong with the id mappings of an IORT as they stand, whether a device is there or not
/// (DEN0049E, table 5): the next device on such an id would meet it.
public final class IortFaults {

    private static final long LAST = 0xffff;

    /// What is wrong.
    public enum Kind {
        /// Two mappings of one node take the same id.
        OVERLAP,
        /// Two ids become one.
        ALIAS,
        /// Ids of a bus that go nowhere, beside others that are behind an SMMU.
        GAP,
        /// Streams of an SMMU that its reserved memory leaves out.
        RESERVED
    }

    /// One thing.
    ///
    /// @param kind what is wrong
    /// @param sentence where, in the table's numbers
    public record Fault(Kind kind, String sentence) {}

    private final Iort iort;
    private final List<Fault> faults = new ArrayList<>();

    private IortFaults(Iort iort) {
        this.iort = iort;
    }

    /// All of a table, but for gaps.
    public static List<Fault> of(Iort iort) {
        IortFaults all = new IortFaults(iort);
        for (IortNode node : iort.nodes()) {
            all.overlaps(node);
            if (node.body() instanceof IortNode.RootComplex) {
                all.aliases(node, Purpose.IOMMU, "StreamID");
                all.aliases(node, Purpose.MSI, "DeviceID");
            }
        }
        all.reserved();
        return List.copyOf(all.faults);
    }

    /// Ids of buses that should be behind an SMMU and are not.
    ///
    /// @param segment PCI segment
    /// @param firstBus first bus below a root that has an SMMU
    /// @param lastBus last bus there
    public static List<Fault> gaps(Iort iort, int segment, int firstBus, int lastBus) {
        IortFaults all = new IortFaults(iort);
        Optional<IortNode> root = iort.rootComplex(segment);
        for (int bus = firstBus; bus <= lastBus && root.isPresent(); bus++) {
            int rid = bus << 8;
            boolean first = iort.resolve(root.get(), rid, Purpose.IOMMU).isPresent();
            boolean last = iort.resolve(root.get(), rid | 0xff, Purpose.IOMMU).isPresent();
            if (!first || !last) {
                all.add(
                        Kind.GAP,
                        "requester ids of bus "
                                + Hex.of(bus)
                                + " are mapped to no SMMU, though their root bus has one");
            }
        }
        return List.copyOf(all.faults);
    }

    private void add(Kind kind, String sentence) {
        faults.add(new Fault(kind, sentence));
    }

    private void overlaps(IortNode node) {
        List<Mapping> maps = node.mappings();
        for (int i = 0; i < maps.size(); i++) {
            for (int j = i + 1; j < maps.size(); j++) {
                Mapping a = maps.get(i);
                Mapping b = maps.get(j);
                long from = Math.max(a.inputBase(), b.inputBase());
                long to = Math.min(a.last(), b.last());
                if (from <= to && !a.single() && !b.single()) {
                    add(
                            Kind.OVERLAP,
                            Iort.name(node)
                                    + " maps "
                                    + ids(from, to)
                                    + " twice, to "
                                    + target(a)
                                    + " and to "
                                    + target(b)
                                    + (from == to && from == a.last() && from == b.inputBase()
                                            ? ": a count of ids where DEN0049 wants one less"
                                            : ""));
                }
            }
        }
    }

    /// Ranges of [IdRanges] never overlap going in; coming out they should not, either.
    private void aliases(IortNode root, Purpose purpose, String what) {
        List<IdRanges.Range> ranges =
                IdRanges.of(
                        rid ->
                                iort.resolve(root, rid, purpose)
                                        .map(e ->
                                                new IdRanges.Destination(
                                                        e.id(), e.node().offset())),
                        iort.cuts(root));
        for (int i = 0; i < ranges.size(); i++) {
            for (int j = i + 1; j < ranges.size(); j++) {
                IdRanges.Range a = ranges.get(i);
                IdRanges.Range b = ranges.get(j);
                long from = Math.max(a.output(), b.output());
                long to = Math.min(a.output() + a.count(), b.output() + b.count()) - 1;
                if (a.target() == b.target() && from <= to) {
                    add(
                            Kind.ALIAS,
                            "requester ids "
                                    + Hex.of(a.first() + from - a.output())
                                    + " and "
                                    + Hex.of(b.first() + from - b.output())
                                    + " both become "
                                    + what
                                    + " "
                                    + Hex.of(from)
                                    + " of "
                                    + iort.at(a.target()).map(Iort::name).orElse("a node"));
                    return;
                }
            }
        }
    }

    /// An SMMU that has reserved memory at all has it for each of its streams.
    private void reserved() {
        for (IortNode root : iort.nodes()) {
            if (!(root.body() instanceof IortNode.RootComplex)) {
                continue;
            }
            for (Mapping map : root.mappings()) {
                List<Mapping> covers =
                        iort.reservedMemory().stream()
                                .flatMap(r -> r.mappings().stream())
                                .filter(m -> m.output() == map.output())
                                .toList();
                long end = map.outputBase() + Math.min(map.count(), LAST);
                boolean whole =
                        covers.stream()
                                .anyMatch(m ->
                                        m.outputBase() <= map.outputBase()
                                                && m.outputBase() + m.count() >= end);
                if (!covers.isEmpty() && !whole) {
                    add(
                            Kind.RESERVED,
                            "streams "
                                    + ids(map.outputBase(), end)
                                    + " of "
                                    + target(map)
                                    + " are not all in the mappings of its reserved memory");
                }
            }
        }
    }

    private String target(Mapping map) {
        return iort.at(map.output()).map(Iort::name).orElse("no node");
    }

    private static String ids(long from, long to) {
        return from == to ? "id " + Hex.of(from) : "ids " + Hex.of(from) + ".." + Hex.of(to);
    }
}
