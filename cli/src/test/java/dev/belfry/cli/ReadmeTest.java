package dev.belfry.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/// What README.md shows is what is printed.
class ReadmeTest {

    private static final Path ROOT = Path.of(System.getProperty("belfry.root", ".."));
    private static final String PROMPT = "    $ ./belfry ";

    @Test
    void theSampleIsWhatTheCommandPrints() throws IOException {
        List<String> page = Files.readAllLines(ROOT.resolve("README.md"));
        int at = page.indexOf(PROMPT + "run examples/passthrough.args");
        assertThat(at).isNotNegative();
        List<String> shown =
                page.subList(at + 1, page.size()).stream()
                        .takeWhile(l -> l.startsWith("    ") || l.isBlank())
                        .map(String::strip)
                        .filter(l -> !l.isEmpty() && !l.equals("…"))
                        .toList();
        Ran ran = Ran.belfry("run", ROOT.resolve("examples/passthrough.args").toString());

        assertThat(shown).hasSizeGreaterThan(10);
        assertThat(ran.out().lines().map(String::strip)).containsSubsequence(shown);
    }
}
