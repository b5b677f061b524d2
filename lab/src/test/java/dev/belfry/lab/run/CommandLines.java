package dev.belfry.lab.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.belfry.qemu.process.QemuProcess;
import dev.belfry.vmm.version.QemuVersion;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Command lines for a real QEMU: the one that `BELFRY_QEMU` names, or the one on PATH.
final class CommandLines {

    private static final Pattern VERSION = Pattern.compile("(\\d+)\\.(\\d+)");

    private CommandLines() {}

    /// Those of `command-lines.txt` that this QEMU takes; one that is skipped, without a QEMU.
    static List<String> forThisQemu() throws IOException {
        Optional<Path> qemu = QemuProcess.find();
        if (qemu.isEmpty()) {
            return List.of("-M virt");
        }
        QemuVersion release = release();
        return all().stream()
                .filter(line -> isFor(release, line.substring(0, line.indexOf(' '))))
                .map(CommandLines::options)
                .toList();
    }

    /// A command line of `command-lines.txt`.
    ///
    /// @param oldest the first release that takes it
    /// @param newest the last one
    record Line(String options, String oldest, String newest) {}

    /// All of them, whatever there is to compare with.
    static List<Line> ofAnyQemu() throws IOException {
        return all().stream()
                .map(line ->
                        new Line(
                                options(line),
                                line.split("[- ]", 2)[0],
                                line.substring(0, line.indexOf(' ')).contains("-")
                                        ? line.substring(line.indexOf('-') + 1, line.indexOf(' '))
                                        : FirmwareLab.Request.NEWEST))
                .toList();
    }

    private static String options(String line) {
        return line.substring(line.indexOf(' ') + 1);
    }

    private static List<String> all() throws IOException {
        try (InputStream file =
                Objects.requireNonNull(
                        CommandLines.class.getResourceAsStream("command-lines.txt"))) {
            return new String(file.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.startsWith("#"))
                    .toList();
        }
    }

    /// @param releases `7.2`, or `7.2-10.0`
    private static boolean isFor(QemuVersion release, String releases) {
        int dash = releases.indexOf('-');
        QemuVersion oldest = release(releases);
        QemuVersion newest = dash < 0 ? release : release(releases.substring(dash));
        return release.isAtLeast(oldest) && newest.isAtLeast(release);
    }

    /// With an empty firmware image where one is named.
    static String withFlash(String options, Path directory) throws IOException {
        Path flash = directory.resolve("flash");
        if (options.contains("FLASH") && !Files.exists(flash)) {
            Files.write(flash, new byte[64 << 20]);
        }
        return "-nodefaults " + options.replace("FLASH", flash.toString());
    }

    static String qemu() {
        assumeTrue(
                QemuProcess.find().isPresent(),
                "SKIPPED: there is no qemu-system-aarch64 on PATH to compare with");
        return QemuProcess.find().map(Path::toString).orElse("");
    }

    /// The version of this QEMU.
    static QemuVersion release() throws IOException {
        QemuVersion release = release(Trees.run(qemu(), "--version"));
        assumeTrue(release.isAtLeast(7, 2), "SKIPPED: this QEMU is older than what is known here");
        return release;
    }

    private static QemuVersion release(String text) {
        Matcher m = VERSION.matcher(text);
        assertThat(m.find()).as(text).isTrue();
        return new QemuVersion(Integer.parseInt(m.group(1)), Integer.parseInt(m.group(2)));
    }
}
