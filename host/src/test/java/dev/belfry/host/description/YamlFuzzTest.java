package dev.belfry.host.description;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Any text as a host's description: a host, or one error.
class YamlFuzzTest {

    private static final String[] WORDS = {
        "[",
        "{",
        "- ",
        "? ",
        ": ",
        "&a ",
        "*a",
        "!!str ",
        "|",
        ">",
        "%",
        "\0",
        "\ud800",
        "0x",
        "-1",
        "9".repeat(40),
        "ffff:",
        "~",
        "8E",
        "\n",
        "    ",
        "\"",
        "'",
        "#"
    };

    @Test
    void aMutantIsAHostOrOneError() throws IOException {
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(4);
        String whole;
        try (InputStream in =
                Objects.requireNonNull(HostDescription.class.getResourceAsStream("grace.yaml"))) {
            whole = new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
        int refused = 0;
        for (int i = 0; i < 1500; i++) {
            StringBuilder text = new StringBuilder(whole);
            for (int n = random.nextInt(3); n >= 0; n--) {
                int at = random.nextInt(text.length());
                switch (random.nextInt(3)) {
                    case 0 -> text.insert(at, WORDS[random.nextInt(WORDS.length)]);
                    case 1 -> text.delete(at, Math.min(text.length(), at + 9));
                    default -> text.setCharAt(at, (char) random.nextInt(128));
                }
            }
            try {
                HostDescription.read("mutant.yaml", text.toString());
            } catch (DescriptionError e) {
                assertThat(e.getMessage()).startsWith("mutant.yaml");
                refused++;
            }
        }
        assertThat(refused).isBetween(100, 1499);
    }

    @ParameterizedTest
    @ValueSource(strings = {"[", "{a: ", "- ", "? ", "a: ["})
    void nestingIsRefused(String opening) {
        assertThatThrownBy(() -> HostDescription.read("deep.yaml", opening.repeat(50_000)))
                .isInstanceOf(DescriptionError.class);
    }

    @Test
    void aliasesThatMultiplyAreRefused() {
        StringBuilder bomb = new StringBuilder("a0: &a0 [x, x, x, x, x, x, x, x, x]\n");
        for (int i = 1; i < 30; i++) {
            bomb.append("a%d: &a%d [".formatted(i, i));
            bomb.repeat("*a" + (i - 1) + ", ", 9).append("]\n");
        }
        assertThatThrownBy(() -> HostDescription.read("bomb.yaml", bomb.toString()))
                .isInstanceOf(DescriptionError.class)
                .hasMessageContaining("aliases");
    }

    @Test
    void anAliasOfItselfIsRefused() {
        assertThatThrownBy(
                        () -> HostDescription.read("loop.yaml", "devices: &a\n  - *a\nram: *a\n"))
                .isInstanceOf(DescriptionError.class);
    }

    @Test
    void aDescriptionIsNotAMebibyteLong() {
        assertThatThrownBy(() -> HostDescription.read("long.yaml", "name: " + "x".repeat(1 << 20)))
                .isInstanceOf(DescriptionError.class)
                .hasMessageContaining("1 MiB");
    }
}
