package dev.belfry.lab.explain;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.qemu.capture.CaptureFolder;
import dev.belfry.qemu.live.LiveOptions;
import dev.belfry.qemu.live.LiveSystem;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The capture and the tree are of a real QEMU (README beside them).
class RehearsalTest {

    private static final Path CAPTURE = Captured.folder("translated");
    private static final Path TREE = CAPTURE.resolve("../../dev/belfry/lab/explain/smmu.dtb");

    @TempDir Path dir;

    @Test
    void aCaptureThatAnswersAsQemuIsExplainedAsTheCaptureIs() throws Exception {
        ExplainReport captured =
                ExplainLab.explain(CaptureFolder.read(CAPTURE), ExplainRequest.EVERYTHING);
        try (Rehearsal served = Rehearsal.of(CAPTURE, TREE, dir);
                LiveSystem live =
                        LiveSystem.open(LiveOptions.of(served.qmp()).withQtest(served.qtest()))) {
            ExplainReport report = ExplainLab.explain(live, ExplainRequest.EVERYTHING);
            assertThat(report.vectors())
                    .extracting(v -> v.sentence())
                    .isEqualTo(captured.vectors().stream().map(v -> v.sentence()).toList());
            assertThat(report.vectors().stream().filter(v -> v.delivered())).hasSize(14);
            assertThat(report.events()).isEqualTo(captured.events());
            assertThat(report.commands())
                    .extracting(c -> c.name() + c.fields())
                    .isEqualTo(
                            captured.commands().stream().map(c -> c.name() + c.fields()).toList());
            assertThat(report.changes()).isEmpty();
            assertThat(report.source()).contains("RAM through the file " + dir.resolve("ram"));
            assertThat(report.vectors().getFirst().hops())
                    .anyMatch(h -> h.rule().startsWith("The device tree maps requester id"));
        }
        assertThat(dir).isEmptyDirectory();
    }
}
