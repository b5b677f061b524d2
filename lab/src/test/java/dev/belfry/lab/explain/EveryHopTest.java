package dev.belfry.lab.explain;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.lab.explain.ExplainReport.State;
import dev.belfry.lab.explain.ExplainReport.Vector;
import dev.belfry.model.journey.HopKind;
import dev.belfry.model.pci.spec.Bdf;
import dev.belfry.model.system.Snapshot;
import dev.belfry.model.system.SystemView.FrameKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.LongUnaryOperator;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/// A healthy guest's structures, broken in each way that a hop can be broken. Where they lie is
/// what the independent script found (walk.txt); what a user notices is what was measured for the
/// fault corpus.
class EveryHopTest {

    private static final String POLLED = "completion polled";
    private static final String DOWN = "controller is down; will reset";
    private static final long NOWHERE = 0x20_0000_0000L;
    private static final long DEVICE_TABLE = 0x4259_0000L;
    private static final long LPI_CONFIG = 0x425b_0000L;

    private final Snapshot healthy = Captured.view("translated");
    private final Walk walk = Walk.parse(Captured.text("translated", "walk.txt")).getFirst();
    private final List<DynamicTest> cases = new ArrayList<>();

    private static ExplainReport explain(Snapshot view) throws Exception {
        return ExplainLab.explain(view, ExplainRequest.of(new Bdf(0, 0, 2, 0)));
    }

    private void lost(String name, Snapshot view, HopKind at, String said, String symptom) {
        cases.add(
                DynamicTest.dynamicTest(
                        name,
                        () -> {
                            ExplainReport report = explain(view);
                            Vector v = report.vectors().getFirst();
                            assertThat(v.stoppedAt()).as(v.sentence()).hasValue(at);
                            assertThat(v.state()).isEqualTo(State.LOST);
                            assertThat(v.sentence()).contains("00:02.0 vector 0 is lost", said);
                            assertThat(v.symptom()).contains(symptom);
                            assertThat(v.expected()).isNotEmpty();
                            assertThat(report.allWell()).isFalse();
                        }));
    }

    private Snapshot word(String what, int index, LongUnaryOperator change) {
        long at =
                walk.words().stream()
                        .filter(w -> w.what().equals(what))
                        .findFirst()
                        .orElseThrow()
                        .address();
        return Poked.word(healthy, at + 8L * index, change);
    }

    private Snapshot entry(int offset, int width, long value) {
        return Poked.function(healthy, "00:02.0", true, offset, width, value);
    }

    private Snapshot register(FrameKind kind, long offset, long value) {
        return Poked.register(healthy, kind, offset, value);
    }

    @TestFactory
    List<DynamicTest> theMessageItself() {
        lost("masked", entry(12, 4, 1), HopKind.MSI_ENTRY, "masked", POLLED);
        lost("no page", entry(0, 4, 0xdead_bee0L), HopKind.STAGE1, "level 2", POLLED);
        lost("upper half", entry(4, 4, 1), HopKind.STAGE1, "level 1", POLLED);
        lost("beside", entry(0, 4, 0xffff_f044L), HopKind.DOORBELL, "offset 0x10044", POLLED);
        lost("no event", entry(8, 4, 3), HopKind.ITE, "EventID 0x3", POLLED);
        lost("beyond", entry(8, 4, 9), HopKind.ITE, "room for 4", POLLED);
        return cases;
    }

    @TestFactory
    List<DynamicTest> theStreamTable() {
        HopKind table = HopKind.STREAM_TABLE;
        lost("LOG2SIZE", register(FrameKind.SMMU, 0x88, 0x10203), table, "C_BAD_STREAMID", DOWN);
        lost("no RAM", register(FrameKind.SMMU, 0x84, 0x20), table, "F_STE_FETCH", DOWN);
        lost("cleared", word("L1STD", 0, d -> 0), table, "Span = 0", DOWN);
        lost("short", word("L1STD", 0, d -> (d & ~31L) | 5), table, "C_BAD_STREAMID", DOWN);
        lost("reserved", word("L1STD", 0, d -> (d & ~31L) | 15), table, "Reserved", DOWN);
        lost("L2Ptr", word("L1STD", 0, d -> d | NOWHERE), HopKind.STE, "F_STE_FETCH", DOWN);
        lost("V", word("STE", 0, d -> d & ~1L), HopKind.STE, "STE.V = 0", DOWN);
        lost("abort", word("STE", 0, d -> d & ~0xeL), HopKind.STE, "terminated", DOWN);
        lost("stage 2", word("STE", 0, d -> (d & ~0xeL) | 12), HopKind.STE, "C_BAD_STE", DOWN);
        lost("both", word("STE", 0, d -> d | 14), HopKind.STE, "C_BAD_STE", DOWN);
        lost("far", word("STE", 0, d -> d | 1L << 50), HopKind.STE, "S1ContextPtr", DOWN);
        lost("no CD", word("STE", 0, d -> d | NOWHERE), HopKind.CD, "F_CD_FETCH", DOWN);
        lost("no such CD", word("STE", 0, d -> d ^ 0x1000), HopKind.CD, "CD.V = 0", DOWN);
        return cases;
    }

    /// All of the device's accesses go astray, not only its messages.
    @TestFactory
    List<DynamicTest> aStreamThatBypassesByMistake() {
        lost("STE", word("STE", 0, d -> (d & ~0xeL) | 8), HopKind.DOORBELL, "no doorbell", DOWN);
        Snapshot off = register(FrameKind.SMMU, 0x24, 0xc);
        lost("SMMU off", off, HopKind.DOORBELL, "no doorbell", DOWN);
        return cases;
    }

    @TestFactory
    List<DynamicTest> theContext() {
        lost("V", word("CD", 0, d -> d & ~(1L << 31)), HopKind.CD, "CD.V = 0", DOWN);
        lost("AA64", word("CD", 0, d -> d & ~(1L << 41)), HopKind.CD, "AA64", DOWN);
        lost("TG0", word("CD", 0, d -> d | 3L << 6), HopKind.CD, "TG0", DOWN);
        lost("T0SZ", word("CD", 0, d -> (d & ~63L) | 60), HopKind.CD, "T0SZ", DOWN);
        lost("S", word("CD", 0, d -> d | 1L << 44), HopKind.CD, "CD.S", DOWN);
        lost("ENDI", word("CD", 0, d -> d | 1L << 15), HopKind.CD, "ENDI", DOWN);
        lost("TTB0 far", word("CD", 1, d -> 1L << 46), HopKind.CD, "TTB0", DOWN);
        lost("range", word("CD", 0, d -> (d & ~63L) | 33), HopKind.STAGE1, "TxSZ", DOWN);
        lost("EPD0", word("CD", 0, d -> d | 1L << 14), HopKind.STAGE1, "EPDx = 1", DOWN);
        lost("TTB0", word("CD", 1, d -> NOWHERE), HopKind.STAGE1, "F_WALK_EABT", "aborting");
        return cases;
    }

    @TestFactory
    List<DynamicTest> everyDescriptor() {
        for (String level : List.of("L0", "L1", "L2", "L3")) {
            boolean leaf = level.equals("L3");
            String said = "level " + level.charAt(1);
            String symptom = leaf ? POLLED : DOWN;
            HopKind stage1 = HopKind.STAGE1;
            lost(level + " cleared", word(level, 0, d -> 0), stage1, said, symptom);
            lost(level + " Valid", word(level, 0, d -> d & ~1L), stage1, said, symptom);
            lost(level + " far", word(level, 0, d -> d | 1L << 46), stage1, "F_ADDR_SIZE", symptom);
            if (leaf) {
                lost("no doorbell", word(level, 0, d -> d | NOWHERE), HopKind.DOORBELL, "", POLLED);
                lost("AP", word(level, 0, d -> d | 1L << 7), stage1, "F_PERMISSION", POLLED);
            } else {
                lost(
                        level + " no RAM",
                        word(level, 0, d -> d | NOWHERE),
                        stage1,
                        "EABT",
                        "aborting");
                Snapshot limits = word(level, 0, d -> d | 2L << 61);
                lost(level + " APTable", limits, stage1, said + " at 0x", DOWN);
                // Bits of a table read as a block's: no access from EL0, and no AF.
                Snapshot block = word(level, 0, d -> d & ~2L);
                lost(level + " a block", block, stage1, said, "event 0x1");
            }
        }
        return cases;
    }

    @TestFactory
    List<DynamicTest> theItsTables() {
        FrameKind its = FrameKind.ITS;
        lost("off", register(its, 0, 0x8000_0000L), HopKind.ITS, "Enabled is 0", POLLED);
        lost("no devices", register(its, 0x104, 0x7907_0000L), HopKind.DTE, "Valid is 0", POLLED);
        lost("nowhere", register(its, 0x104, 0xf907_0020L), HopKind.DTE, "no RAM", POLLED);
        lost("no CPUs", register(its, 0x10c, 0x3c07_0000L), HopKind.CTE, "Valid is 0", POLLED);
        lost("far CPUs", register(its, 0x10c, 0xbc07_0020L), HopKind.CTE, "no RAM", POLLED);
        Snapshot narrow = register(its, 8, (0x1efb1 & ~(31 << 13)) | 3 << 13);
        lost("DeviceID", narrow, HopKind.DTE, "room for 16", POLLED);
        Snapshot level1 = Poked.word(healthy, DEVICE_TABLE, d -> d & Long.MAX_VALUE);
        lost("level 1", level1, HopKind.DTE, "level-1 entry", POLLED);
        lost("DTE", word("DTE", 0, d -> d & ~1L), HopKind.DTE, "no MAPD", POLLED);
        lost("ITT", word("DTE", 0, d -> d | 0x2000_0000L << 6), HopKind.ITE, "no RAM", POLLED);
        lost("ITE", word("ITE", 0, d -> d & ~1L), HopKind.ITE, "no MAPTI", POLLED);
        lost("virtual", word("ITE", 0, d -> d & ~2L), HopKind.ITE, "virtual LPI", POLLED);
        Snapshot unmapped = word("ITE", 0, d -> (d & ~(0xffffL << 32)) | 5L << 32);
        lost("ICID", unmapped, HopKind.CTE, "no MAPC", POLLED);
        Snapshot beyond = word("ITE", 0, d -> d | 0xffffL << 32);
        lost("ICID far", beyond, HopKind.CTE, "room for 8192", POLLED);
        lost("CTE", word("CTE", 0, d -> d & ~1L), HopKind.CTE, "no MAPC", POLLED);
        lost("RDbase", word("CTE", 0, d -> 1 | 99 << 1), HopKind.CTE, "number 99", POLLED);
        return cases;
    }

    @TestFactory
    List<DynamicTest> theRedistributorAndItsTables() {
        FrameKind gicr = FrameKind.REDISTRIBUTOR;
        HopKind lpi = HopKind.LPI;
        long intId = 0xff_ffffL << 2;
        lost("an SPI", word("ITE", 0, d -> (d & ~intId) | 99 << 2), lpi, "INTID 99", POLLED);
        lost(
                "too large",
                word("ITE", 0, d -> (d & ~intId) | 70000 << 2),
                lpi,
                "below 65536",
                POLLED);
        Snapshot disabled = Poked.word(healthy, LPI_CONFIG, d -> d & ~(1L << 16));
        lost("disabled", disabled, lpi, "is disabled", POLLED);
        lost("no room", register(gicr, 0x70, 0x425b_0780L | 12), lpi, "no LPI at all", POLLED);
        lost("nowhere", register(gicr, 0x74, 0x20), lpi, "no RAM", POLLED);
        lost("off", register(gicr, 0, 2), HopKind.REDISTRIBUTOR, "EnableLPIs is 0", POLLED);
        lost(
                "pending table",
                register(gicr, 0x7c, 0x20),
                HopKind.REDISTRIBUTOR,
                "where there is no RAM",
                POLLED);
        Snapshot asleep = elsewhere(register(gicr, 0x14, 6));
        lost("asleep", asleep, HopKind.REDISTRIBUTOR, "GICR_WAKER", POLLED);
        Snapshot group = register(FrameKind.DISTRIBUTOR, 0, 0x51);
        lost("group", group, HopKind.CPU, "EnableGrp1 is 0", POLLED);
        return cases;
    }

    /// The same of an implementation that is not QEMU.
    private static Snapshot elsewhere(Snapshot view) {
        return new Snapshot(
                "a machine",
                view.notes(),
                view.ram(),
                view.frames(),
                view.functions(),
                view.memory());
    }

    /// Measured on 7.2 and 11.1: with GICR_WAKER = 6 at both CPUs NVMe interrupts arrive as before.
    @Test
    void aRedistributorThatSleepsInQemuIsAFindingAlthoughTheMessageArrives() throws Exception {
        ExplainReport report = explain(register(FrameKind.REDISTRIBUTOR, 0x14, 6));
        assertThat(report.vectors().getFirst().delivered()).isTrue();
        assertThat(report.findings())
                .extracting(ExplainReport.Finding::rule)
                .contains("redistributor-asleep");
    }

    @Test
    void redistributorsThatShareAPendingTableAreFound() throws Exception {
        assertThat(explain(register(FrameKind.REDISTRIBUTOR, 0x78, 0x425c_0780L)).findings())
                .extracting(ExplainReport.Finding::rule)
                .contains("pending-table-shared");
    }

    /// The mask is a CPU's own register, so that it is lost is not certain.
    @Test
    void anLpiOfAPriorityThatLinuxMasksIsNotCalledWell() throws Exception {
        Snapshot low = Poked.word(healthy, LPI_CONFIG, d -> d | 0xfcL << 16);
        Vector v = explain(low).vectors().getFirst();
        assertThat(v.state()).isEqualTo(State.UNKNOWN);
        assertThat(v.sentence()).contains("priority 0xfc", "with Linux's 0xf0 it is never taken");
    }

    /// What a machine with its=off is: no frame takes a message.
    @Test
    void aMachineWithoutADoorbellIsToldSo() throws Exception {
        List<Snapshot.FrameImage> frames =
                healthy.frames().stream().filter(f -> f.kind() != FrameKind.ITS).toList();
        Snapshot off =
                new Snapshot(
                        healthy.source(),
                        healthy.notes(),
                        healthy.ram(),
                        frames,
                        healthy.functions(),
                        healthy.memory());
        ExplainReport report = ExplainLab.explain(off, ExplainRequest.TABLE);
        assertThat(report.findings())
                .filteredOn(f -> f.rule().equals("no-msi-doorbell"))
                .singleElement()
                .satisfies(f -> assertThat(f.why()).contains("its=on", "00:02.0 INTA"));
        assertThat(report.vectors()).noneMatch(v -> v.delivered());
    }

    @Test
    void queuesThatStoppedAreFoundAlthoughTheMessageArrives() throws Exception {
        assertThat(explain(register(FrameKind.SMMU, 0x60, 1)).findings())
                .extracting(ExplainReport.Finding::rule)
                .containsExactly("command-error");
        assertThat(explain(register(FrameKind.ITS, 0x90, 0x21)).findings())
                .extracting(ExplainReport.Finding::rule)
                .containsExactly("its-stalled");
    }

    private void found(String rule, Snapshot view) throws Exception {
        ExplainReport report = explain(view);
        assertThat(report.findings()).extracting(ExplainReport.Finding::rule).containsExactly(rule);
        assertThat(report.vectors().getFirst().delivered()).isTrue();
    }

    /// GERROR, the two output queues, and commands that wait.
    @Test
    void whatAnSmmuCouldNotDoIsFoundAlthoughTheMessageArrives() throws Exception {
        FrameKind smmu = FrameKind.SMMU;
        found("queue-abort", register(smmu, 0x60, 1 << 2));
        found("queue-abort", register(smmu, 0x60, 1 << 5));
        found("service-failure", register(smmu, 0x60, 1 << 8));
        found("queue-overflow", register(smmu, 0x100a8, 0x8000_0000L));
        Snapshot silent = Poked.register(register(smmu, 0x20, 9), smmu, 0x24, 9);
        found("event-queue-off", silent);
        Snapshot requests = Poked.register(register(smmu, 0x20, 15), smmu, 0x24, 15);
        found("queue-overflow", Poked.register(requests, smmu, 0x100c8, 0x8000_0000L));
        found("commands-waiting", register(smmu, 0x9c, 0));
        found("its-commands-waiting", register(FrameKind.ITS, 0x90, 0));
    }

    /// Nothing of a context that is broken is worth asking for page by page.
    @Test
    void theMapOfABrokenContextIsEmptyAtOnce() throws Exception {
        ExplainRequest map =
                new ExplainRequest(
                        Optional.of(new Bdf(0, 0, 2, 0)),
                        OptionalInt.empty(),
                        false,
                        Optional.empty(),
                        true,
                        OptionalInt.empty());
        ExplainReport report = ExplainLab.explain(word("CD", 1, d -> 1L << 46), map);
        assertThat(report.iovaMap().orElseThrow().ranges()).isEmpty();
        assertThat(report.iovaMap().orElseThrow().complete()).isTrue();
    }
}
