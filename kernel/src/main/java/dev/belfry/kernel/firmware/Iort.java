package dev.belfry.kernel.firmware;

import dev.belfry.model.bits.Hex;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableSet;
import java.util.Optional;

/// The IO Remapping Table (Arm DEN0049E.d): nodes, and id mappings between them, read as Linux
/// reads them.
///
/// @param revision the table's
/// @param nodes in the table's order
public record Iort(int revision, List<IortNode> nodes) {

    private static final int NODE_COUNT = 36;
    private static final int FIRST_NODE = 40;
    private static final int FIRST_REVISION_WITH_RMR = 5;

    public Iort {
        nodes = List.copyOf(nodes);
    }

    /// Whom an id is looked up for.
    public enum Purpose {
        /// the SMMU, for a StreamID
        IOMMU,
        /// the ITS group, for a DeviceID
        MSI
    }

    static Iort read(Table table) {
        long count = table.u32(NODE_COUNT);
        int at = table.count(FIRST_NODE);
        List<IortNode> nodes = new ArrayList<>();
        for (long i = 0; i < count; i++) {
            IortNode node = IortNodeReader.read(table, at);
            nodes.add(node);
            at += node.length();
        }
        return new Iort(table.u8(8), nodes);
    }

    /// The root complex of a segment: the first that has its number.
    public Optional<IortNode> rootComplex(int segment) {
        return nodes.stream()
                .filter(n -> n.body() instanceof IortNode.RootComplex rc && rc.segment() == segment)
                .findFirst();
    }

    /// The node at an offset.
    public Optional<IortNode> at(long offset) {
        return nodes.stream().filter(n -> n.offset() == offset).findFirst();
    }

    /// RMR nodes that Linux looks at: it wants table revision 5, and mappings as well as
    /// descriptors.
    public List<IortNode.Rmr> reservedMemory() {
        if (revision < FIRST_REVISION_WITH_RMR) {
            return List.of();
        }
        List<IortNode.Rmr> rmrs = new ArrayList<>();
        for (IortNode node : nodes) {
            if (node.body() instanceof IortNode.Rmr rmr
                    && !rmr.mappings().isEmpty()
                    && !rmr.ranges().isEmpty()) {
                rmrs.add(rmr);
            }
        }
        return rmrs;
    }

    /// What a requester id becomes, with the rules that applied.
    ///
    /// @param segment PCI segment
    /// @param requesterId bus `[15:8]`, devfn `[7:0]`
    public IdLookup lookup(int segment, int requesterId, Purpose purpose) {
        Optional<IortNode> start = rootComplex(segment);
        if (start.isEmpty()) {
            return new IdLookup(
                    false, 0, 0, List.of("IORT has no root complex of segment " + segment));
        }
        IortWalk walk = new IortWalk(this, purpose);
        Optional<IortWalk.End> end = walk.from(start.get(), requesterId);
        List<String> rules = walk.rules();
        return end.map(e -> new IdLookup(true, e.id(), e.node().offset(), rules))
                .orElseGet(() -> new IdLookup(false, 0, 0, rules));
    }

    /// Requester ids of a root complex at which what becomes of them may change.
    public NavigableSet<Integer> cuts(IortNode root) {
        return IortCuts.of(this, root);
    }

    /// As [#lookup], without words.
    public Optional<IortWalk.End> resolve(IortNode start, int requesterId, Purpose purpose) {
        return new IortWalk(this, purpose).from(start, requesterId);
    }

    @Override
    public String toString() {
        return "IORT revision " + revision + ", " + nodes.size() + " nodes";
    }

    static String name(IortNode node) {
        String kind =
                switch (node.body()) {
                    case IortNode.ItsGroup _ -> "ITS group";
                    case IortNode.Smmuv3 smmu -> "SMMUv3 at " + Hex.of(smmu.base());
                    case IortNode.RootComplex rc -> "root complex of segment " + rc.segment();
                    case IortNode.Rmr _ -> "RMR";
                    case IortNode.Other other -> "node of type " + other.type();
                };
        return kind + " (IORT+" + Hex.of(node.offset()) + ")";
    }
}
