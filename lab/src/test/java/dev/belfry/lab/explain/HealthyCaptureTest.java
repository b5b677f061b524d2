package dev.belfry.lab.explain;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.lab.explain.ExplainReport.State;
import dev.belfry.lab.explain.ExplainReport.Vector;
import dev.belfry.model.journey.Bytes;
import dev.belfry.model.journey.Hop;
import dev.belfry.model.journey.HopKind;
import dev.belfry.model.journey.Verdict;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A healthy guest's interrupts against what an independent script found.
class HealthyCaptureTest {

    @ParameterizedTest
    @ValueSource(strings = {"translated", "passthrough", "faults/none"})
    void everyLiveVectorGoesTheWayThatTheScriptFound(String name) throws Exception {
        List<Walk> walks = Walk.parse(Captured.text(name, "walk.txt"));
        ExplainReport report = ExplainLab.explain(Captured.view(name), ExplainRequest.EVERYTHING);

        List<Vector> delivered = report.vectors().stream().filter(Vector::delivered).toList();
        assertThat(delivered).hasSameSizeAs(walks);
        for (int i = 0; i < walks.size(); i++) {
            Walk walk = walks.get(i);
            Vector v = delivered.get(i);
            assertThat(v.device() + " " + v.vector())
                    .isEqualTo(walk.device() + " " + walk.vector());
            assertThat(read(v)).as(v.sentence()).isEqualTo(expected(walk));
            assertThat(v.intId()).hasValue(walk.intId());
            assertThat(v.cpu()).hasValue(walk.cpu());
            assertThat(v.hops()).noneMatch(h -> h.verdict() == Verdict.BROKEN);
            assertThat(v.hops())
                    .filteredOn(h -> h.kind() == HopKind.DOORBELL)
                    .singleElement()
                    .satisfies(h -> assertThat(h.address()).hasValue(walk.output()));
        }
        assertThat(report.allWell()).isTrue();
        assertThat(report.vectors()).noneMatch(v -> v.state() == State.LOST);
    }

    /// Kind, address and bytes of each hop that reads a table.
    private static List<String> read(Vector v) {
        List<String> out = new ArrayList<>();
        for (Hop h : v.hops()) {
            switch (h.kind()) {
                case STREAM_TABLE, STE, CD, STAGE1, DTE, ITE, CTE, LPI ->
                        out.add(
                                h.kind()
                                        + " "
                                        + Long.toHexString(h.address().orElse(-1))
                                        + " "
                                        + h.bytes());
                default -> {}
            }
        }
        return out;
    }

    private static List<String> expected(Walk walk) {
        List<String> out = new ArrayList<>();
        for (Walk.Word w : walk.words()) {
            HopKind kind =
                    switch (w.what()) {
                        case "L1STD" -> HopKind.STREAM_TABLE;
                        case "L0", "L1", "L2", "L3" -> HopKind.STAGE1;
                        default -> HopKind.valueOf(w.what());
                    };
            out.add(kind + " " + Long.toHexString(w.address()) + " " + bytes(kind, w));
        }
        return out;
    }

    /// The script prints the first half of a CD, and an ITE as 8 and 4 bytes.
    private static Bytes bytes(HopKind kind, Walk.Word w) {
        long[] words = w.values().stream().mapToLong(Long::longValue).toArray();
        return switch (kind) {
            case CD -> Bytes.ofWords(words[0], words[1], words[2], words[3], 0, 0, 0, 0);
            case LPI -> Bytes.ofValue(words[0], 1);
            case ITE -> {
                byte[] twelve = new byte[12];
                System.arraycopy(Bytes.ofWords(words).toArray(), 0, twelve, 0, 12);
                yield Bytes.of(twelve);
            }
            default -> Bytes.ofWords(words);
        };
    }
}
