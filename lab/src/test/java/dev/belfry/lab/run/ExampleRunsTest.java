package dev.belfry.lab.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.lab.Progress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Every file of `examples/` does what its `# expect:` line says.
class ExampleRunsTest {

    static final Path HOME = home();
    private static final String HOST = "--host ";

    /// The directory with `examples/`: this module's parent.
    private static Path home() {
        Path here = Path.of("").toAbsolutePath();
        return Files.isDirectory(here.resolve("examples")) ? here : here.resolve("..").normalize();
    }

    static Stream<Path> examples() throws IOException {
        try (Stream<Path> files = Files.list(HOME.resolve("examples"))) {
            return files
                    .filter(f -> f.toString().matches(".*\\.(args|xml)"))
                    .sorted()
                    .toList()
                    .stream();
        }
    }

    @ParameterizedTest
    @MethodSource("examples")
    void doesWhatItsHeaderSays(Path example) throws Exception {
        Optional<String> host =
                header(example, "options")
                        .filter(o -> o.startsWith(HOST))
                        .map(o -> HOME.resolve(o.substring(HOST.length())).toString());
        RunReport report =
                RunLab.run(
                        new RunRequest(
                                new RunRequest.Source.File(example),
                                host,
                                RunRequest.Options.DEFAULT),
                        Progress.NONE);

        String expected = header(example, "expect").orElse("");
        switch (expected) {
            case "all delivered" ->
                    assertThat(report.vectors()).isNotEmpty().allMatch(RunReport.Vector::delivered);
            case "no vectors" -> assertThat(report.vectors()).isEmpty();
            default -> assertThat(expected).isIn("all delivered", "no vectors");
        }
        assertThat(report.dma())
                .hasSize(2 * report.devices().size())
                .isNotEmpty()
                .allMatch(RunReport.Dma::verified);
        assertThat(report.events()).isEmpty();
        assertThat(report.allWell()).isTrue();
        assertThat(report.notes()).noneMatch(n -> n.text().startsWith("guest:"));
    }

    /// The text after `# key:` in the comment at the top.
    private static Optional<String> header(Path example, String key) throws IOException {
        List<String> lines = Files.readAllLines(example);
        String start = "# " + key + ": ";
        return lines.stream()
                .filter(l -> l.startsWith(start))
                .map(l -> l.substring(start.length()).strip())
                .findFirst();
    }
}
