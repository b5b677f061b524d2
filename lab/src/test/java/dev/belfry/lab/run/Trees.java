package dev.belfry.lab.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.belfry.lab.InputError;
import dev.belfry.lab.Progress;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// Firmware tables of command lines, and other people's readers of them.
final class Trees {

    private Trees() {}

    static FirmwareLab.Report build(String commandLine, String release) throws InputError {
        return FirmwareLab.build(
                new FirmwareLab.Request(
                        new RunRequest.Source.Words(List.of(commandLine.split(" "))),
                        Optional.empty(),
                        release),
                Progress.NONE);
    }

    static byte[] file(FirmwareLab.Report report, String name) {
        return report.tables().stream()
                .filter(t -> t.file().equals(name))
                .findFirst()
                .orElseThrow()
                .bytes()
                .toArray();
    }

    /// A tree as text, nodes and properties sorted, without the random seeds.
    static String normalised(String format, byte[] tree, Path directory) throws IOException {
        Path file = Files.write(directory.resolve("tree." + format), tree);
        String text = run("dtc", "-q", "-s", "-I", format, "-O", "dts", file.toString());
        return text.replaceAll("(?m)^\\s*(rng|kaslr)-seed = .*\\n", "");
    }

    /// What `dtc` says of a tree without being asked.
    static List<String> warnings(byte[] tree, Path directory) throws IOException {
        Path file = Files.write(directory.resolve("tree.dtb"), tree);
        Path text = directory.resolve("tree.dts");
        return run("dtc", "-I", "dtb", "-O", "dts", "-o", text.toString(), file.toString())
                .lines()
                .map(line -> line.replace(directory.toString(), ""))
                .toList();
    }

    static boolean installed(String name) {
        return name.contains("/")
                || List.of(System.getenv().getOrDefault("PATH", "").split(":")).stream()
                        .anyMatch(directory -> Files.isExecutable(Path.of(directory, name)));
    }

    /// Runs a program that must succeed.
    static String run(String... command) throws IOException {
        assumeTrue(installed(command[0]), "SKIPPED: " + command[0] + " is not installed");
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            assertThat(process.waitFor()).as(output).isZero();
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
        return output;
    }
}
