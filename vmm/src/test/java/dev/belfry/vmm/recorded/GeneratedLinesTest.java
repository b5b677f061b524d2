package dev.belfry.vmm.recorded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.belfry.vmm.check.Terms;
import dev.belfry.vmm.version.QemuVersion;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Generated command lines, given to the QEMU that is installed, for a few seconds. One that is
/// older than those whose refusals Belfry knows is asked what starts there: that is no less right
/// today, unless it is of a release that is gone.
class GeneratedLinesTest {

    private static final int LINES = 40;
    private static final String QEMU = "qemu-system-aarch64";
    private static QemuVersion installed = QemuVersion.NEWEST;

    @TempDir private Path directory;

    @BeforeAll
    static void needsQemu() throws IOException {
        boolean there =
                Arrays.stream(System.getenv().getOrDefault("PATH", "").split(":"))
                        .anyMatch(d -> Files.isExecutable(Path.of(d, QEMU)));
        assumeTrue(there, QEMU + " is not on PATH");
        Process process = new ProcessBuilder(QEMU, "--version").start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        installed = QemuVersion.of(said.replaceFirst("(?s).*?version ", "")).orElseThrow();
    }

    @Test
    void nothingThatStartsIsRefused() throws Exception {
        Files.write(directory.resolve("fw.fd"), new byte[1 << 20]);
        QemuVersion asked = installed.isAtLeast(QemuVersion.V10_2) ? installed : QemuVersion.V10_2;
        Peer peer = new Peer(QEMU, directory);
        int started = 0;
        List<String> refused = new ArrayList<>();
        for (long seed = 1; seed <= LINES; seed++) {
            String line = LineGenerator.line(seed).replaceAll(" -no-acpi|(?<=virt)-[0-9.]+", "");
            Optional<Answer> theirs = peer.ask(line);
            if (theirs.filter(Answer::started).isEmpty()) {
                continue;
            }
            started++;
            Answer ours = Answers.ours(line, new Terms(asked, Optional.empty(), Optional.empty()));
            if (!ours.started()) {
                refused.add(line + "\n  ours: " + ours.words());
            }
        }
        assertThat(refused).isEmpty();
        assertThat(started).isPositive();
    }
}
