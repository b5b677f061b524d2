package dev.belfry.guest.firmware;

import dev.belfry.guest.firmware.ReservedMemory.Streams;
import dev.belfry.kernel.firmware.AcpiCmdqv;
import dev.belfry.kernel.firmware.IdRanges;
import dev.belfry.kernel.firmware.IdRanges.Destination;
import dev.belfry.kernel.firmware.Iort;
import dev.belfry.kernel.firmware.Iort.Purpose;
import dev.belfry.kernel.firmware.IortNode;
import dev.belfry.model.bits.Bits;
import dev.belfry.model.bits.Field;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.TreeSet;

/// What the IORT says about a platform's ids: SMMUs, the maps of each segment, reserved memory.
final class AcpiIds {

    /// Model of an SMMUv3 node.
    private static final long GENERIC = 0;

    private static final int ALL_REQUESTERS = 1 << 16;
    private static final int PAGE_LOG2 = 12;
    private static final int RMR_ALIGNMENT_LOG2 = 16;

    private static final Field REMAP_PERMITTED = Field.bit(0);
    private static final Field PRIVILEGED = Field.bit(1);
    private static final Field ATTRIBUTES = Field.bits(9, 2);

    /// What a root complex says for every bridge of its segment.
    ///
    /// @param ats it supports ATS
    /// @param iommuMaps requester id to StreamID
    /// @param msiMaps requester id to DeviceID
    record Segment(boolean ats, List<IdMap> iommuMaps, List<IdMap> msiMaps) {}

    private final Optional<Iort> iort;
    private final List<MsiController> msiControllers;
    private final List<IortNode> smmuNodes;
    private final Map<Integer, Segment> segments = new HashMap<>();

    AcpiIds(Optional<Iort> iort, List<MsiController> msiControllers) {
        this.iort = iort;
        this.msiControllers = msiControllers;
        smmuNodes =
                iort.map(Iort::nodes).orElse(List.of()).stream()
                        .filter(n -> n.body() instanceof IortNode.Smmuv3)
                        .toList();
    }

    /// @param cmdqvs devices of the DSDT that belong to SMMUs
    List<SmmuNode> smmus(List<AcpiCmdqv> cmdqvs) {
        List<SmmuNode> smmus = new ArrayList<>();
        for (IortNode node : smmuNodes) {
            if (node.body() instanceof IortNode.Smmuv3 smmu) {
                smmus.add(
                        new SmmuNode(
                                smmu.base(),
                                smmu.coherentOverride(),
                                (int) smmu.eventGsiv(),
                                (int) smmu.priGsiv(),
                                (int) smmu.gerrGsiv(),
                                (int) smmu.syncGsiv(),
                                smmu.model() == GENERIC
                                        ? companion(cmdqvs, node.identifier())
                                        : Optional.empty()));
            }
        }
        return smmus;
    }

    /// Linux compares the texts, and takes the first.
    private static Optional<SmmuNode.Cmdqv> companion(List<AcpiCmdqv> cmdqvs, long identifier) {
        return cmdqvs.stream()
                .filter(c -> c.uid().equals(Long.toString(identifier)))
                .findFirst()
                .map(c -> new SmmuNode.Cmdqv(c.base(), c.gsi()));
    }

    Segment segment(int number) {
        return segments.computeIfAbsent(number, this::read);
    }

    private Segment read(int number) {
        Optional<IortNode> root = iort.flatMap(table -> table.rootComplex(number));
        boolean ats =
                root.isPresent()
                        && root.get().body() instanceof IortNode.RootComplex rc
                        && rc.ats();
        return new Segment(
                ats,
                maps(IdRanges.of(rid -> root.flatMap(node -> streamId(node, rid)), cuts(root))),
                msiMaps(root));
    }

    private List<IdMap> msiMaps(Optional<IortNode> root) {
        int frame = firstFrame();
        if (root.isEmpty()) {
            return frame < 0 ? List.of() : List.of(new IdMap(0, ALL_REQUESTERS, 0, frame));
        }
        // Linux asks the IORT first; what it leaves goes to the first GICv2m frame.
        Optional<Destination> none = Optional.empty();
        return maps(
                IdRanges.of(
                        rid ->
                                deviceId(root.get(), rid)
                                        .or(() ->
                                                frame < 0
                                                        ? none
                                                        : Optional.of(new Destination(rid, frame))),
                        cuts(root)));
    }

    private NavigableSet<Integer> cuts(Optional<IortNode> root) {
        return root.flatMap(node -> iort.map(table -> table.cuts(node)))
                .orElseGet(() -> new TreeSet<>(List.of(0)));
    }

    private Optional<Destination> streamId(IortNode root, int rid) {
        return iort.flatMap(table -> table.resolve(root, rid, Purpose.IOMMU))
                .filter(end -> smmu(end.node().offset()) >= 0)
                .map(end -> new Destination(end.id(), smmu(end.node().offset())));
    }

    private Optional<Destination> deviceId(IortNode root, int rid) {
        return iort.flatMap(table -> table.resolve(root, rid, Purpose.MSI))
                .filter(end -> its(end.node()) >= 0)
                .map(end -> new Destination(end.id(), its(end.node())));
    }

    private int smmu(long offset) {
        for (int i = 0; i < smmuNodes.size(); i++) {
            if (smmuNodes.get(i).offset() == offset) {
                return i;
            }
        }
        return -1;
    }

    /// The first ITS of a group, as Linux takes it.
    private int its(IortNode node) {
        if (!(node.body() instanceof IortNode.ItsGroup group) || group.identifiers().isEmpty()) {
            return -1;
        }
        long wanted = group.identifiers().getFirst();
        for (int i = 0; i < msiControllers.size(); i++) {
            if (msiControllers.get(i) instanceof MsiController.Its its
                    && its.id() == (int) wanted) {
                return i;
            }
        }
        return -1;
    }

    private int firstFrame() {
        for (int i = 0; i < msiControllers.size(); i++) {
            if (msiControllers.get(i) instanceof MsiController.V2m) {
                return i;
            }
        }
        return -1;
    }

    private static List<IdMap> maps(List<IdRanges.Range> ranges) {
        return ranges.stream()
                .map(r -> new IdMap(r.first(), r.count(), r.output(), r.target()))
                .toList();
    }

    List<ReservedMemory> reservedMemory() {
        List<ReservedMemory> all = new ArrayList<>();
        for (IortNode.Rmr rmr : iort.map(Iort::reservedMemory).orElse(List.of())) {
            List<Streams> streams = streams(rmr);
            for (IortNode.MemoryRange range : rmr.ranges()) {
                if (!streams.isEmpty() && range.length() != 0) {
                    all.add(reserved(rmr.flags(), range, streams));
                }
            }
        }
        return all;
    }

    private List<Streams> streams(IortNode.Rmr rmr) {
        List<Streams> streams = new ArrayList<>();
        for (IortNode.Mapping mapping : rmr.mappings()) {
            int smmu = smmu(mapping.output());
            if (smmu >= 0) {
                streams.add(new Streams(smmu, mapping.outputBase(), mapping.count() + 1));
            }
        }
        return streams;
    }

    /// DEN0049 wants 64 KiB alignment; Linux rounds anything else to whole pages.
    private static ReservedMemory reserved(
            long flags, IortNode.MemoryRange range, List<Streams> streams) {
        long base = range.base();
        long length = range.length();
        if (!Bits.isAligned(base | length, RMR_ALIGNMENT_LOG2)) {
            long within = base & Bits.lowMask(PAGE_LOG2);
            base -= within;
            length = Bits.alignDown(length + within + Bits.lowMask(PAGE_LOG2), PAGE_LOG2);
        }
        return new ReservedMemory(
                base,
                length,
                REMAP_PERMITTED.isSet(flags),
                PRIVILEGED.isSet(flags),
                ATTRIBUTES.getInt(flags),
                streams);
    }
}
