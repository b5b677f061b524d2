package dev.belfry.vmm.firmware;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// Other people's readers of tables: `iasl` and `dtc`. A test that needs one is skipped where it is
/// not installed.
final class Tool {

    private Tool() {}

    /// ASL, or the listing of a data table.
    static String iasl(byte[] table, Path directory) {
        try {
            Path file = Files.write(directory.resolve("table.bin"), table);
            String messages = run(List.of("iasl", "-d", file.toString()));
            assertThat(messages).doesNotContain("Error", "Could not");
            return Files.readString(directory.resolve("table.dsl"), StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// DTS with sorted nodes and properties, from a blob (`dtb`) or a source (`dts`).
    static String dtc(String format, byte[] tree, Path directory) {
        try {
            Path file = Files.write(directory.resolve("tree." + format), tree);
            return run(List.of("dtc", "-q", "-s", "-I", format, "-O", "dts", file.toString()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String run(List<String> command) throws IOException {
        assumeTrue(installed(command.getFirst()), command.getFirst() + " is not installed");
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            assertThat(process.waitFor()).as(output).isZero();
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
        return output;
    }

    private static boolean installed(String name) {
        return List.of(System.getenv().getOrDefault("PATH", "").split(":")).stream()
                .anyMatch(directory -> Files.isExecutable(Path.of(directory, name)));
    }
}
