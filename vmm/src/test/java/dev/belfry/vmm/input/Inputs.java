package dev.belfry.vmm.input;

import dev.belfry.vmm.machine.check.CheckedMachine;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/// Any bytes as a file that somebody wants to launch. Also what Jazzer calls.
public final class Inputs {

    private Inputs() {}

    /// Reads the bytes as a launch and holds its machine against all rules; nothing may be thrown.
    public static void fuzzerTestOneInput(byte[] bytes) {
        read(new String(bytes, StandardCharsets.UTF_8));
    }

    /// @return how many findings there are
    static int read(String text) {
        Launch launch = Launches.read(text);
        CheckedMachine machine = CheckedMachine.read(launch.commandLine());
        return launch.problems().size() + machine.problems().size();
    }

    static List<Path> corpus() {
        Path folder =
                Path.of(System.getProperty("belfry.root", ".."))
                        .resolve("vmm/src/test/resources/dev/belfry/vmm/input/corpus");
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(f -> !f.toString().endsWith(".md")).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
