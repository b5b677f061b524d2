package dev.belfry.vmm.firmware;

import dev.belfry.vmm.firmware.FirmwareInputs.RootBus;
import dev.belfry.vmm.firmware.FirmwareInputs.Smmu;
import dev.belfry.vmm.version.QemuVersion;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/// The IO Remapping Table (Arm DEN0049E.d, table revision 5): an ITS group, the SMMUv3s by their
/// lowest id, one root complex, and an RMR node for each accelerated SMMU. Until 10.2, which had no
/// accelerated SMMUs, it has revision 3.
final class Iort {

    private static final int FIRST_NODE = 48;
    private static final int ITS_GROUP_LENGTH = 24;
    private static final int SMMU_LENGTH = 68;
    private static final int ROOT_COMPLEX_LENGTH = 36;
    private static final int RMR_LENGTH = 28;
    private static final int RMR_DESCRIPTOR_LENGTH = 20;
    private static final int MAPPING_LENGTH = 20;
    private static final int SINGLE_MAPPING = 1;

    /// A range of requester ids; ids are mapped to themselves.
    private record Ids(int first, int count) {

        static Ids ofBuses(int firstBus, int lastBus) {
            return new Ids(firstBus << 8, (lastBus - firstBus + 1) << 8);
        }

        int end() {
            return first + count;
        }
    }

    /// An SMMU and the ids that it translates, in ascending order.
    private record Stream(Smmu smmu, List<Ids> ids, int offset) {

        /// An SMMU without ids is sorted to the front.
        int lowest() {
            return ids.isEmpty() ? 0 : ids.getFirst().first();
        }
    }

    private final FirmwareInputs inputs;
    private final boolean its;
    private final List<Stream> streams;
    private final TableBytes out = new TableBytes();
    private int identifier;

    private Iort(FirmwareInputs inputs) {
        this.inputs = inputs;
        its = its(inputs);
        streams = streams(inputs, its);
    }

    static byte[] build(FirmwareInputs inputs) {
        int revision = inputs.board().release().isAtLeast(11, 0) ? 5 : 3;
        return AcpiTable.of("IORT", revision, new Iort(inputs).body());
    }

    /// 10.1 was the first to leave it out, but told of one behind a GICv2; before, it was there
    /// always.
    private static boolean its(FirmwareInputs inputs) {
        QemuVersion release = inputs.board().release();
        boolean v3 = inputs.gic().version() != 2;
        return !release.isAtLeast(10, 1)
                || (inputs.tellsOfIts() && (v3 || !release.isAtLeast(11, 0)));
    }

    private static List<Stream> streams(FirmwareInputs inputs, boolean its) {
        List<Stream> sorted =
                inputs.smmus().stream()
                        .map(s -> new Stream(s, ids(s, inputs.pci().roots()), 0))
                        .sorted(Comparator.comparingInt(Stream::lowest))
                        .toList();
        List<Stream> placed = new ArrayList<>();
        int offset = FIRST_NODE + (its ? ITS_GROUP_LENGTH : 0);
        for (Stream stream : sorted) {
            placed.add(new Stream(stream.smmu(), stream.ids(), offset));
            offset += SMMU_LENGTH + (its ? MAPPING_LENGTH : 0);
        }
        return placed;
    }

    private static List<Ids> ids(Smmu smmu, List<RootBus> roots) {
        if (!smmu.legacy()) {
            return List.of(Ids.ofBuses(smmu.firstBus(), smmu.lastBus()));
        }
        return roots.stream()
                .filter(root -> !root.bypassIommu())
                .map(root -> Ids.ofBuses(root.firstBus(), root.lastBus()))
                .sorted(Comparator.comparingInt(Ids::first))
                .toList();
    }

    /// What the SMMUs leave of all requester ids.
    private List<Ids> bypassing() {
        List<Ids> rest = new ArrayList<>();
        int next = 0;
        for (Stream stream : streams) {
            for (Ids ids : stream.ids()) {
                if (next < ids.first()) {
                    rest.add(new Ids(next, ids.first() - next));
                }
                next = ids.end();
            }
        }
        if (next < 0x1_0000) {
            rest.add(new Ids(next, 0x1_0000 - next));
        }
        return rest;
    }

    private boolean reserves(Stream stream) {
        return inputs.options().rmr() && stream.smmu().accel() && !stream.ids().isEmpty();
    }

    private TableBytes body() {
        List<Stream> reserving = streams.stream().filter(this::reserves).toList();
        int nodes = (its ? 1 : 0) + streams.size() + 1 + reserving.size();
        out.u32(nodes).u32(FIRST_NODE).u32(0);
        if (its) {
            itsGroup();
        }
        streams.forEach(this::smmu);
        rootComplex();
        reserving.forEach(this::reservedMemory);
        return out;
    }

    /// Table 4: what begins every node.
    private void node(int type, int length, int revision, int id, int maps, int mapsAt) {
        out.u8(type).u16(length).u8(revision).u32(id).u32(maps).u32(mapsAt);
    }

    /// Table 5. The field that counts ids holds one less.
    private void mapping(Ids ids, int target, int flags) {
        out.u32(ids.first()).u32(ids.count() - 1L).u32(ids.first()).u32(target).u32(flags);
    }

    /// Until 9.0 a map had one id too many, if there is one.
    private Ids counted(Ids ids) {
        boolean more = !inputs.board().release().isAtLeast(9, 1) && ids.end() < 0x1_0000;
        return more ? new Ids(ids.first(), ids.count() + 1) : ids;
    }

    private void itsGroup() {
        node(0, ITS_GROUP_LENGTH, 1, identifier++, 0, 0);
        out.u32(1).u32(0);
    }

    private void smmu(Stream stream) {
        Smmu smmu = stream.smmu();
        int running = identifier++;
        node(
                4,
                SMMU_LENGTH + (its ? MAPPING_LENGTH : 0),
                4,
                smmu.identifier().orElse(running),
                its ? 1 : 0,
                its ? SMMU_LENGTH : 0);
        int event = smmu.firstIntId();
        out.u64(smmu.base())
                .u32(1) // COHACC override: table walks are coherent
                .u32(0)
                .u64(0) // VATOS
                .u32(0) // generic SMMUv3
                .u32(event)
                .u32(event + 1L) // PRI
                .u32(event + 3L) // GERR
                .u32(event + 2L) // Sync
                .u32(0) // proximity domain
                .u32(0); // DeviceID mapping index: not used, all interrupts are wired
        if (its) {
            mapping(new Ids(0, 0x1_0000), FIRST_NODE, 0);
        }
    }

    private void rootComplex() {
        List<Ids> toIts = its ? bypassing() : List.of();
        int maps = streams.stream().mapToInt(s -> s.ids().size()).sum() + toIts.size();
        boolean ats = streams.stream().anyMatch(s -> s.smmu().ats());
        node(
                2,
                ROOT_COMPLEX_LENGTH + maps * MAPPING_LENGTH,
                3,
                identifier++,
                maps,
                ROOT_COMPLEX_LENGTH);
        out.u32(1) // CCA: fully coherent
                .u8(0)
                .u16(0)
                .u8(3) // CPM, DACS
                .u32(ats ? 1 : 0)
                .u32(0) // segment
                .u8(64) // memory address size limit
                .zeros(3);
        streams.forEach(
                stream -> stream.ids().forEach(ids -> mapping(counted(ids), stream.offset(), 0)));
        toIts.forEach(ids -> mapping(counted(ids), FIRST_NODE, 0));
        if (!its && streams.isEmpty() && !inputs.board().release().isAtLeast(11, 0)) {
            // 10.1 and 10.2 leave a map behind the last node, which does not count it.
            mapping(new Ids(0, 0x1_0000), FIRST_NODE, 0);
        }
    }

    /// Tables 18 and 19: identity mapping of the host's MSI window; not remappable, unprivileged,
    /// Device-nGnRnE.
    private void reservedMemory(Stream stream) {
        node(
                6,
                RMR_LENGTH + MAPPING_LENGTH + RMR_DESCRIPTOR_LENGTH,
                3,
                identifier++,
                1,
                RMR_LENGTH);
        out.u32(0).u32(1).u32(RMR_LENGTH + MAPPING_LENGTH);
        mapping(stream.ids().getFirst(), stream.offset(), SINGLE_MAPPING);
        FirmwareInputs.Window window = inputs.options().msiWindow();
        out.u64(window.base()).u64(window.size()).u32(0);
    }
}
