package dev.belfry.lab.explain;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.lab.explain.ExplainReport.State;
import dev.belfry.lab.explain.ExplainReport.Vector;
import dev.belfry.model.bits.Hex;
import dev.belfry.model.journey.Hop;
import dev.belfry.model.journey.HopKind;
import dev.belfry.model.journey.Verdict;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Structures of a real guest that were broken on purpose; `fault.txt` says which and where.
class FaultCorpusTest {

    private static final Pattern POKED = Pattern.compile("\\[0x(\\w+)\\]");

    private static ExplainReport explain(String name) throws Exception {
        return ExplainLab.explain(Captured.view("faults/" + name), ExplainRequest.EVERYTHING);
    }

    private static List<Vector> lost(ExplainReport report) {
        return report.vectors().stream().filter(v -> v.state() == State.LOST).toList();
    }

    @ParameterizedTest
    @CsvSource({
        "cd-invalid, CD",
        "ste-invalid, STE",
        "msi-unmapped, STAGE1",
        "dte-invalid, DTE",
        "ite-invalid, ITE",
        "lpi-disabled, LPI"
    })
    void aBrokenStructureIsNamedAtTheAddressThatWasPoked(String name, HopKind kind)
            throws Exception {
        Matcher poked = POKED.matcher(Captured.text("faults/" + name, "fault.txt"));
        assertThat(poked.find()).isTrue();
        long address = Long.parseUnsignedLong(poked.group(1), 16);

        ExplainReport report = explain(name);

        assertThat(report.allWell()).isFalse();
        assertThat(lost(report))
                .isNotEmpty()
                .allSatisfy(v -> {
                    assertThat(v.device()).isEqualTo("00:02.0");
                    assertThat(v.stoppedAt()).hasValue(kind);
                    assertThat(v.symptom()).isNotEmpty();
                    assertThat(v.expected()).isNotEmpty();
                });
        Hop broken = broken(lost(report).getFirst());
        assertThat(broken.address().orElse(0)).isEqualTo(address);
        assertThat(lost(report).getFirst().sentence())
                .startsWith("00:02.0 vector ")
                .contains(" is lost at the ", Hex.of(address));
    }

    private static Hop broken(Vector v) {
        return v.hops().stream()
                .filter(h -> h.verdict() == Verdict.BROKEN)
                .findFirst()
                .orElseThrow();
    }

    @Test
    void anUnbackedTableIsNamedWhereTheWalkReadsNothing() throws Exception {
        List<Vector> lost = lost(explain("walk-eabt"));

        assertThat(lost).isNotEmpty();
        assertThat(broken(lost.getFirst()).kind()).isEqualTo(HopKind.STAGE1);
        assertThat(broken(lost.getFirst()).address()).hasValue(0x20_0000_0000L);
        assertThat(lost.getFirst().symptom()).contains("F_WALK_EABT", "event 0x0b");
    }

    @Test
    void anItsThatIsOffStopsEveryVector() throws Exception {
        ExplainReport report = explain("its-off");

        assertThat(lost(report)).hasSize(11);
        assertThat(lost(report)).allMatch(v -> v.stoppedAt().orElseThrow() == HopKind.ITS);
    }

    @Test
    void aMaskedEntryWhoseInterruptIsEnabledIsNamed() throws Exception {
        ExplainReport report = explain("msix-masked");

        assertThat(lost(report)).extracting(Vector::device).containsOnly("00:02.0");
        assertThat(lost(report)).extracting(Vector::vector).containsExactly(1, 2);
        assertThat(lost(report))
                .allSatisfy(v -> {
                    assertThat(v.masked()).isTrue();
                    assertThat(v.stoppedAt()).hasValue(HopKind.MSI_ENTRY);
                });
    }

    @Test
    void entriesThatTheirDriverMaskedAreNotBroken() throws Exception {
        ExplainReport report = explain("none");

        assertThat(report.vectors())
                .filteredOn(v -> v.state() == State.MASKED)
                .hasSize(3)
                .allMatch(v -> v.device().equals("00:04.0") && v.masked());
        assertThat(report.allWell()).isTrue();
    }

    @Test
    void aClearAccessFlagPassesInThisQemuAndIsSaid() throws Exception {
        ExplainReport report = explain("af-clear");

        assertThat(report.allWell()).isTrue();
        assertThat(report.findings())
                .extracting(ExplainReport.Finding::rule)
                .containsExactly("access-flag");
        Vector v = report.vectors().getFirst();
        assertThat(v.delivered()).isTrue();
        assertThat(v.hops())
                .filteredOn(h -> h.kind() == HopKind.STAGE1)
                .last()
                .satisfies(h -> {
                    assertThat(h.verdict()).isEqualTo(Verdict.OK);
                    assertThat(h.fields()).containsEntry("AF", "0");
                    assertThat(h.rule()).contains("F_ACCESS");
                });
    }
}
