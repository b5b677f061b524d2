package dev.belfry.lab.differential;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.lab.InputError;
import dev.belfry.lab.Progress;
import java.io.IOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The engine against what newer QEMUs, with stage 2, were recorded to do: src/test/resources,
/// where a README says how.
class RecordedQemuTest {

    private static Path recording(String qemu, String stages) throws URISyntaxException {
        String name = "qemu-" + qemu + "-" + stages + ".recording.gz";
        URL url = RecordedQemuTest.class.getResource(name);
        return Path.of(Objects.requireNonNull(url, name).toURI());
    }

    @ParameterizedTest
    @CsvSource({
        "10.0.2, stage1, qemu-10.2, 400, unprivileged-ignored",
        "10.0.2, stage2, qemu-10.2-stage2, 500, s2t0sz-limited-by-s2ps",
        "10.0.2, nested, qemu-10.2-nested, 1400, table-start-translated",
        "10.2.1, stage2, qemu-10.2-stage2, 200, absent-stage-1-commands-ignored",
        "11.1.3, stage1, qemu-10.2, 300, unprivileged-ignored",
        "11.1.3, stage2, qemu-10.2-stage2, 300, s2t0sz-limited-by-s2ps",
        "11.1.3, nested, qemu-10.2-nested, 600, table-start-translated",
        "11.1.3, registers, qemu-10.2-nested, 1, page-1-is-page-0"
    })
    void theModelDiffersOnlyAsIsKnown(
            String qemu, String stages, String identity, int cases, String met) throws Exception {
        FuzzReport report = FuzzLab.against(recording(qemu, stages), Progress.NONE);
        assertThat(report.failures()).isEmpty();
        assertThat(report.qemu()).startsWith(qemu);
        assertThat(report.identity()).isEqualTo(identity);
        assertThat(report.cases()).isEqualTo(cases);
        assertThat(report.strayed()).isLessThanOrEqualTo(cases / 100);
        assertThat(report.known()).containsKey(met);
    }

    @Test
    void whatQemu111MendedIsAMismatchUnderItsVersionOnly(@TempDir Path dir) throws Exception {
        // 11.1 aligns the Stream table and checks L1STD.Span; 10.2 did neither, and may not be
        // taken for 11.1.
        String text = text(recording("11.1.3", "nested"));
        String version = text.lines().filter(l -> l.startsWith("qemu ")).findFirst().orElseThrow();
        Path file = dir.resolve("older.gz");
        write(file, text.replace(version, "qemu 10.2.1"));
        assertThat(FuzzLab.against(file, Progress.NONE).failures()).isNotEmpty();
    }

    @Test
    void oneOtherByteInARecordingIsAMismatch(@TempDir Path dir) throws Exception {
        String text = text(recording("10.0.2", "nested"));
        // The last of the Event queue's first record, in the first script that has one there.
        int at = text.indexOf("read-memory 0x40012000");
        int seen = text.indexOf("= 1", at) + "= 1".length();
        String other =
                text.substring(0, seen) + flipped(text.charAt(seen)) + text.substring(seen + 1);
        Path file = dir.resolve("other.gz");
        write(file, other);
        assertThat(FuzzLab.against(file, Progress.NONE).failures()).hasSize(1);
    }

    private static char flipped(char digit) {
        return digit == '0' ? '5' : '0';
    }

    @Test
    void aFileThatIsNoRecordingIsNamedWithWhatWouldBe(@TempDir Path dir) throws IOException {
        Path plain = Files.writeString(dir.resolve("plain"), "not compressed");
        assertThatThrownBy(() -> FuzzLab.against(plain, Progress.NONE))
                .isInstanceOf(InputError.class)
                .hasMessageContaining("plain cannot be read as a recording");
        Path other = dir.resolve("other.gz");
        write(other, "something else\n");
        assertThatThrownBy(() -> FuzzLab.against(other, Progress.NONE))
                .isInstanceOf(InputError.class)
                .hasMessageContaining("does not begin with");
        write(other, "belfry-recording 1\nqemu 10.0.2\nstages BOTH\n");
        assertThatThrownBy(() -> FuzzLab.against(other, Progress.NONE))
                .isInstanceOf(InputError.class)
                .hasMessageContaining("line 3");
    }

    private static String text(Path file) throws IOException {
        try (GZIPInputStream in = new GZIPInputStream(Files.newInputStream(file))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static void write(Path file, String text) throws IOException {
        try (GZIPOutputStream out = new GZIPOutputStream(Files.newOutputStream(file))) {
            out.write(text.getBytes(StandardCharsets.UTF_8));
        }
    }
}
