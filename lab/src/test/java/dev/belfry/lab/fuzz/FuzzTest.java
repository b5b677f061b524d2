package dev.belfry.lab.fuzz;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/// Whatever bytes come in, they are answered or refused. What is kept in `fuzz/` is tried always;
/// then Jazzer goes on from there, in a process of its own, for 4 seconds or as many as
/// `belfry.fuzz.seconds` says, from the seed `belfry.fuzz.seed`.
class FuzzTest {

    private static final Path ROOT = Path.of(System.getProperty("belfry.root", ".."));
    private static final Path KEPT = ROOT.resolve("lab/src/test/resources/fuzz");
    private static final int SECONDS = Integer.getInteger("belfry.fuzz.seconds", 4);
    private static final int SEED = Integer.getInteger("belfry.fuzz.seed", 1);
    private static final String JAZZER = "com.code_intelligence.jazzer.Jazzer";

    static Stream<Arguments> kept() {
        return Arrays.stream(FuzzTarget.values())
                .flatMap(t -> files(t).stream().map(f -> Arguments.of(t, f)));
    }

    private static List<Path> files(FuzzTarget target) {
        try (Stream<Path> files = Files.list(KEPT.resolve(target.folder()))) {
            return files.sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @ParameterizedTest
    @EnumSource
    void thereIsACorpusForEach(FuzzTarget target) {
        assertThat(files(target)).isNotEmpty();
    }

    @ParameterizedTest
    @MethodSource("kept")
    void whatIsKeptIsAnsweredOrRefused(FuzzTarget target, Path file) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        assertThatCode(() -> target.take(bytes)).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @EnumSource
    void whatJazzerMakesOfItIsToo(FuzzTarget target, @TempDir Path folder) throws Exception {
        String classpath = System.getProperty("java.class.path");
        assumeTrue(SECONDS > 0, "belfry.fuzz.seconds is 0");
        assumeTrue(classpath.contains("jazzer"), "Jazzer is not on the class path");
        Path found = Files.createDirectory(folder.resolve("found"));
        Path log = folder.resolve("log");

        Process fuzzer =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin/java").toString(),
                                "-Xmx1g",
                                "-XX:+UseSerialGC",
                                "-XX:+EnableDynamicAgentLoading",
                                "--sun-misc-unsafe-memory-access=allow",
                                "--enable-native-access=ALL-UNNAMED",
                                "-D" + FuzzEntry.TARGET + "=" + target,
                                "-cp",
                                classpath,
                                JAZZER,
                                "--target_class=" + FuzzEntry.class.getName(),
                                "--instrumentation_includes=dev.belfry.**",
                                "--custom_hook_includes=dev.belfry.**",
                                "--reproducer_path=" + folder,
                                "-artifact_prefix=" + folder + "/",
                                "-max_total_time=" + SECONDS,
                                "-timeout=60",
                                "-rss_limit_mb=4096",
                                "-seed=" + SEED,
                                "-dict=" + KEPT.resolve("words.dict"),
                                found.toString(),
                                KEPT.resolve(target.folder()).toString())
                        .directory(folder.toFile())
                        .redirectErrorStream(true)
                        .redirectOutput(log.toFile())
                        .start();

        int status = fuzzer.waitFor();
        assertThat(status).as(() -> said(folder, log)).isZero();
        assertThat(Files.readString(log)).contains("Done ").contains("INITED");
    }

    /// The end of what Jazzer said, and the bytes, to be kept once their fault is mended.
    private static String said(Path folder, Path log) {
        try (Stream<Path> files = Files.list(folder)) {
            String bytes =
                    files.filter(f -> f.getFileName().toString().matches("(crash|timeout|oom).*"))
                            .map(FuzzTest::base64)
                            .collect(Collectors.joining("\n"));
            List<String> lines = Files.readAllLines(log, StandardCharsets.UTF_8);
            int from = Math.max(0, lines.size() - 40);
            return String.join("\n", lines.subList(from, lines.size())) + "\nbase64: " + bytes;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String base64(Path file) {
        try {
            return Base64.getEncoder().encodeToString(Files.readAllBytes(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
