package dev.belfry.lab.explain;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.lab.explain.ExplainReport.Finding;
import dev.belfry.lab.explain.ExplainReport.State;
import dev.belfry.lab.explain.ExplainReport.Vector;
import dev.belfry.model.journey.HopKind;
import dev.belfry.model.pci.spec.Bdf;
import dev.belfry.model.system.Snapshot;
import dev.belfry.model.system.SystemView.FrameKind;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.LongUnaryOperator;
import org.junit.jupiter.api.Test;

/// A healthy guest's structures, one changed at a time; where they lie is what the independent
/// script found.
class BrokenHopTest {

    private static final String NVME = "00:02.0";
    private static final long CONTROL_FRAME = 0x8080000;

    private final Snapshot healthy = Captured.view("translated");
    private final List<Walk> walks = Walk.parse(Captured.text("translated", "walk.txt"));

    private Walk.Word word(String what) {
        return walks.getFirst().words().stream()
                .filter(w -> w.what().equals(what))
                .findFirst()
                .orElseThrow();
    }

    private static ExplainReport explain(Snapshot view) throws Exception {
        return ExplainLab.explain(view, ExplainRequest.of(new Bdf(0, 0, 2, 0)));
    }

    private static Vector first(ExplainReport report) {
        return report.vectors().getFirst();
    }

    private Vector after(String what, int index, LongUnaryOperator change) throws Exception {
        return first(explain(Poked.word(healthy, word(what).address() + 8L * index, change)));
    }

    private static void assertLostAt(Vector v, HopKind kind) {
        assertThat(v.stoppedAt()).as(v.sentence()).hasValue(kind);
        assertThat(v.state()).isEqualTo(State.LOST);
        assertThat(v.delivered()).isFalse();
    }

    @Test
    void theFirstVectorIsDeliveredBeforeAnythingIsChanged() throws Exception {
        assertThat(first(explain(healthy)).delivered()).isTrue();
    }

    @Test
    void aReadOnlyLeafStopsTheMessageThere() throws Exception {
        Vector v = after("L3", 0, d -> d | 1L << 7);
        assertLostAt(v, HopKind.STAGE1);
        assertThat(v.sentence()).contains("F_PERMISSION");
    }

    @Test
    void aLeafThatLeadsToTheControlFrameIsNoDoorbell() throws Exception {
        Vector v = after("L3", 0, d -> (d & 0xfff0_0000_0000_0fffL) | CONTROL_FRAME);
        assertLostAt(v, HopKind.DOORBELL);
        assertThat(v.doorbell()).contains("control frame", "offset 0x40");
    }

    @Test
    void aLeafThatLeadsToRamIsNoDoorbell() throws Exception {
        Vector v = after("L3", 0, d -> (d & 0xfff0_0000_0000_0fffL) | 0x5000_0000L);
        assertLostAt(v, HopKind.DOORBELL);
        assertThat(v.doorbell()).isEqualTo("RAM");
    }

    @Test
    void clearedTableEntriesStopTheWalkAtAnyLevel() throws Exception {
        for (String level : List.of("L0", "L1", "L2", "L3")) {
            assertLostAt(after(level, 0, d -> 0), HopKind.STAGE1);
        }
    }

    @Test
    void anSteThatAsksForMissingStage2IsNamed() throws Exception {
        assertLostAt(after("STE", 0, d -> d | 7 << 1), HopKind.STE);
    }

    @Test
    void anSteThatAbortsIsNamedAlthoughNoEventIsRecorded() throws Exception {
        Vector v = after("STE", 0, d -> 1);
        assertLostAt(v, HopKind.STE);
        assertThat(v.symptom()).contains("no event");
        assertThat(v.policy()).isEqualTo("abort");
    }

    @Test
    void aStreamThatBypassesSendsTheIovaToNowhere() throws Exception {
        ExplainReport report = explain(Poked.word(healthy, word("STE").address(), d -> 9));
        assertLostAt(first(report), HopKind.DOORBELL);
        assertThat(report.findings()).extracting(Finding::rule).contains("stale-message-address");
    }

    @Test
    void aReservedGranuleAndATableBeyondTheOutputSizeAreBadContexts() throws Exception {
        assertLostAt(after("CD", 0, d -> d | 3 << 6), HopKind.CD);
        assertLostAt(after("CD", 1, d -> 1L << 46), HopKind.CD);
    }

    @Test
    void aClearedLevel1StreamDescriptorIsNamed() throws Exception {
        assertLostAt(after("L1STD", 0, d -> 0), HopKind.STREAM_TABLE);
    }

    /// GITS_IIDR of KVM, revision 0: an entry that KVM did not save is not known to be missing.
    @Test
    void anEntryThatIsMissingFromKvmsTablesIsUnknownNotBroken() throws Exception {
        Snapshot kvm = Poked.register(healthy, FrameKind.ITS, 4, 0x4b00_043b);
        Snapshot unsaved = Poked.word(kvm, word("DTE").address(), d -> 0);
        assertThat(ExplainLab.explain(unsaved, ExplainRequest.TABLE).vectors())
                .noneMatch(v -> v.device().equals(NVME) && v.state() == State.LOST);
        Vector v = first(explain(unsaved));
        assertThat(v.state()).as(v.sentence()).isEqualTo(State.UNKNOWN);
        assertThat(v.stoppedAt()).isEmpty();
        assertThat(v.sentence()).contains("only when the ITS is saved");
    }

    @Test
    void anInvalidCollectionIsNamed() throws Exception {
        assertLostAt(after("CTE", 0, d -> d & ~1L), HopKind.CTE);
    }

    @Test
    void aCollectionThatNamesNoCpuIsNamed() throws Exception {
        assertLostAt(after("CTE", 0, d -> 1 | 99 << 1), HopKind.CTE);
    }

    @Test
    void dataBeyondTheDevicesEventsIsNamedAtTheTranslationEntry() throws Exception {
        assertLostAt(first(explain(Poked.function(healthy, NVME, true, 8, 4, 77))), HopKind.ITE);
    }

    @Test
    void vectorsThatShareAnEventAreFound() throws Exception {
        ExplainReport report = explain(Poked.function(healthy, NVME, true, 8, 4, 1));
        assertThat(report.findings()).extracting(Finding::rule).contains("shared-event");
    }

    @Test
    void anAddressThatIsNotMappedIsNamedAtStage1() throws Exception {
        assertLostAt(
                first(explain(Poked.function(healthy, NVME, true, 0, 4, 0x1234_0040))),
                HopKind.STAGE1);
    }

    @Test
    void aFunctionThatIsNoBusMasterSendsNothing() throws Exception {
        assertLostAt(
                first(explain(Poked.function(healthy, NVME, false, 4, 2, 2))), HopKind.MSI_ENTRY);
    }

    @Test
    void aFunctionMaskIsNamedAtTheEntry() throws Exception {
        Vector v = first(explain(Poked.function(healthy, NVME, false, 0x42, 2, 0xc040)));
        assertLostAt(v, HopKind.MSI_ENTRY);
        assertThat(v.masked()).isTrue();
    }

    @Test
    void aVectorThatIsAskedForIsToldAlthoughMsixIsOff() throws Exception {
        Snapshot off = Poked.function(healthy, NVME, false, 0x42, 2, 0x40);
        assertThat(explain(off).vectors()).isEmpty();
        ExplainRequest asked =
                new ExplainRequest(
                        Optional.of(new Bdf(0, 0, 2, 0)),
                        OptionalInt.of(1),
                        true,
                        Optional.empty(),
                        false,
                        OptionalInt.empty());
        Vector v = first(ExplainLab.explain(off, asked));
        assertLostAt(v, HopKind.MSI_ENTRY);
        assertThat(v.sentence()).contains("MSI-X Enable is 0");
    }

    @Test
    void aRedistributorWithoutLpisIsNamed() throws Exception {
        assertLostAt(
                first(explain(Poked.register(healthy, FrameKind.REDISTRIBUTOR, 0, 2))),
                HopKind.REDISTRIBUTOR);
    }

    @Test
    void anSmmuThatIsOffAndAbortsIsNamed() throws Exception {
        Snapshot off =
                Poked.register(
                        Poked.register(healthy, FrameKind.SMMU, 0x20, 0), FrameKind.SMMU, 0x24, 0);
        assertLostAt(
                first(explain(Poked.register(off, FrameKind.SMMU, 0x44, 1 << 20))), HopKind.SMMU);
    }

    @Test
    void aDistributorThatForwardsNothingIsNamedAtTheCpu() throws Exception {
        assertLostAt(
                first(explain(Poked.register(healthy, FrameKind.DISTRIBUTOR, 0, 0x50))),
                HopKind.CPU);
    }

    @Test
    void aCacheableDoorbellIsFoundAlthoughTheMessageArrives() throws Exception {
        ExplainReport report =
                explain(
                        Poked.word(
                                healthy, word("L3").address(), d -> (d & ~(7L << 2)) | (1L << 2)));
        assertThat(first(report).delivered()).isTrue();
        assertThat(report.findings()).extracting(Finding::rule).contains("cacheable-doorbell");
    }

    @Test
    void aTableInMemoryThatWasNotCapturedIsUnknownNotBroken() throws Exception {
        Vector v = after("L2", 0, d -> 0x5123_4003L);
        assertThat(v.state()).isEqualTo(State.UNKNOWN);
        assertThat(v.stoppedAt()).isEmpty();
        assertThat(v.sentence()).contains("cannot be followed beyond");
    }

    @Test
    void aHealthyGuestHasNoFindings() throws Exception {
        assertThat(ExplainLab.explain(healthy, ExplainRequest.EVERYTHING).findings()).isEmpty();
        assertThat(
                        ExplainLab.explain(Captured.view("passthrough"), ExplainRequest.EVERYTHING)
                                .findings())
                .isEmpty();
    }
}
